//! A media file that grows on the disk while the call runs.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use crate::Result;
use crate::media::{Description, Recorder, Timing};

pub(crate) struct Recording {
    path: PathBuf,
    recorder: Recorder<BufWriter<File>>,
}

impl Recording {
    /// Begins `folder/sender-label.extension`.
    pub(crate) fn begin(
        folder: &Path,
        sender: &str,
        label: &str,
        description: &Description,
    ) -> Result<Self> {
        let path = folder.join(format!("{sender}-{label}.{}", description.extension()));
        let begin = || -> io::Result<_> {
            fs::create_dir_all(folder)?;
            Recorder::new(description, BufWriter::new(File::create(&path)?))
        };
        let recorder = begin().map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { path, recorder })
    }

    pub(crate) fn write(&mut self, timing: Timing, payload: &[u8]) -> io::Result<()> {
        self.recorder.write(timing, payload)
    }

    /// Ends the file; where it is.
    pub(crate) fn finish(self) -> io::Result<PathBuf> {
        self.recorder.finish()?;
        Ok(self.path)
    }
}
