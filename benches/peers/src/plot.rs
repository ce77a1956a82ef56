//! A picture of ratios over the size of frames, as SVG.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

/// A line for each name, of sizes in bytes and the ratio at each.
#[derive(Default)]
pub struct Plot {
    lines: Vec<(String, Vec<(f64, f64)>)>,
}

impl Plot {
    /// Adds a point to the line of that name.
    pub fn add(&mut self, line: &str, size: usize, ratio: f64) {
        let point = (size as f64, ratio);
        match self.lines.iter_mut().find(|(name, _)| name == line) {
            Some((_, points)) => points.push(point),
            None => self.lines.push((line.into(), vec![point])),
        }
    }

    /// Writes the picture.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, title: &str, path: &Path) -> Result<(), Box<dyn Error>> {
        let points = || self.lines.iter().flat_map(|(_, points)| points);
        let most = points().map(|point| point.1).fold(1.0, f64::max) * 1.1;
        let sizes = points().map(|point| point.0);
        let (least, largest) = sizes.fold((f64::MAX, 1.0), |(low, high): (f64, f64), size| {
            (low.min(size), high.max(size))
        });

        let area = SVGBackend::new(path, (960, 540)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(title, ("sans-serif", 18))
            .margin(12)
            .margin_right(48)
            .x_label_area_size(40)
            .y_label_area_size(50)
            .build_cartesian_2d((least..largest).log_scale(), 0.0..most)?;
        chart
            .configure_mesh()
            .x_desc("bytes of payload")
            .y_desc("time, as a ratio")
            .x_label_formatter(&|size| format!("{size:.0}"))
            .y_label_formatter(&|ratio| format!("{ratio:.1}"))
            .draw()?;
        chart.draw_series(LineSeries::new([(least, 1.0), (largest, 1.0)], BLACK))?;
        for (index, (name, points)) in self.lines.iter().enumerate() {
            let colour = Palette99::pick(index).to_rgba();
            chart
                .draw_series(LineSeries::new(
                    points.iter().copied(),
                    colour.stroke_width(2),
                ))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .background_style(WHITE.mix(0.8))
            .draw()?;
        area.present()?;
        Ok(())
    }
}
