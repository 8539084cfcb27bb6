//! QR pictures as one SVG path in the colour of the text around it: no colour literals, sharp on
//! paper.

use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around the code (ISO/IEC 18004 asks for four).
const QUIET: usize = 4;

/// A QR picture.
pub(crate) struct Picture {
    /// Width and height in modules, the quiet zone included.
    pub(crate) size: usize,
    /// The dark modules, as runs along each line.
    pub(crate) path: String,
}

/// Draws a text.
///
/// # Errors
/// [`QrError`] for a text longer than a QR code holds (some 2,300 bytes).
pub(crate) fn draw(text: &str) -> Result<Picture, QrError> {
    // A quarter of the picture may be damaged or printed badly.
    let code = QrCode::with_error_correction_level(text, EcLevel::Q)?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, line) in colors.chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = line
                .iter()
                .skip(x)
                .take_while(|color| **color == Color::Dark)
                .count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run.max(1);
        }
    }
    Ok(Picture {
        size: width + 2 * QUIET,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_holds_every_dark_module_once() {
        let text = format!("qid:{}", "7".repeat(43));
        let picture = draw(&text).unwrap();
        let code = QrCode::with_error_correction_level(&text, EcLevel::Q).unwrap();
        let dark = code
            .to_colors()
            .iter()
            .filter(|color| **color == Color::Dark)
            .count();
        let runs = picture.path.split('M').skip(1).map(|run| {
            let run = run.split_once('h').unwrap().1;
            run.split_once('v').unwrap().0.parse::<usize>().unwrap()
        });
        assert_eq!(runs.sum::<usize>(), dark);
        assert_eq!(picture.size, code.width() + 8);
        assert!(
            picture
                .path
                .chars()
                .all(|c| c.is_ascii_digit() || "Mhvz- ".contains(c)),
            "a path and nothing else"
        );
    }
}
