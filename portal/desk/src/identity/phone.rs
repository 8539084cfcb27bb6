//! The number somebody types to enrol or to sign in.

use akashi_notifier::{Phone, PhoneError};

use crate::app::App;

/// Reads a number people can be reached at: made-up ones are for the demo alone.
///
/// # Errors
/// [`PhoneError`].
pub fn read(app: &App, typed: &str) -> Result<Phone, PhoneError> {
    let phone = Phone::parse(typed)?;
    if phone.is_made_up() && !app.site.is_demo {
        return Err(PhoneError::MadeUp);
    }
    Ok(phone)
}
