//! The input files, read and named.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::media::Media;

/// The longest label of a stream; longer file names are cut.
const MAX_LABEL_LEN: usize = 24;

/// One input, which every participant sends as one stream.
#[derive(Debug)]
pub(crate) struct Input {
    /// Names the stream in output files and in the metadata of its frames.
    pub(crate) label: String,
    pub(crate) path: PathBuf,
    /// The bytes of the file, to compare with in the end.
    pub(crate) file: Vec<u8>,
    pub(crate) media: Media,
}

/// Reads the files; their labels are distinct.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<Input>> {
    let mut inputs: Vec<Input> = Vec::new();
    for path in paths {
        let explain = |error: String| format!("{}: {error}", path.display());
        let file = fs::read(path).map_err(|error| explain(error.to_string()))?;
        let media = Media::parse(&file).map_err(explain)?;
        let mut label = label(path);
        if inputs.iter().any(|input| input.label == label) {
            label = format!("{label}-{}", inputs.len() + 1);
        }
        inputs.push(Input {
            label,
            path: path.clone(),
            file,
            media,
        });
    }
    Ok(inputs)
}

/// The name of the file without its ending, in characters that are safe in any file name.
fn label(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(MAX_LABEL_LEN)
        .collect()
}
