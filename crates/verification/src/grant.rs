use habeas_domain::Personal;
use habeas_vault::{Code, TokenHash, Vault, VaultError};

/// The permission to fetch one package once, shortly after its code was entered. A secret: it goes to the person's
/// page and back, and only a keyed hash of it is stored.
///
/// It follows from the package's link and the code, so that it can be stored with the code before anybody has typed
/// it, and says nothing without the key ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant(Personal<String>);

impl Grant {
    /// What a page handed back. Whether it permits anything is for the desk to say.
    pub fn presented(text: impl Into<String>) -> Self {
        Self(Personal::new(text.into()))
    }

    /// The text for the page: hexadecimal digits. Every call is a place to ask where it goes next.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The permission that `code` gives for the package behind `link`.
    pub(crate) fn of(vault: &Vault, link: &TokenHash, code: &Code) -> Self {
        let of = format!("{}/{}", link.to_hex(), code.expose());
        Self(Personal::new(vault.lookup("download-grant", &of).to_hex()))
    }

    /// The form in which it is stored. It fits the package behind `link` alone.
    pub(crate) fn stored(&self, vault: &Vault, link: &TokenHash) -> Result<TokenHash, VaultError> {
        let of = format!("{}/{}", link.to_hex(), self.expose());
        TokenHash::from_bytes(vault.lookup("download-grant-stored", &of).as_bytes())
    }
}
