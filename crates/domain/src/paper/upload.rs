use crate::content_type;

/// The largest paper, in bytes: a photograph or a few scanned pages.
pub const LARGEST: usize = 10 << 20;

/// What papers are taken: one that people scan or photograph. Archives, office files and pages are not.
const TAKEN: [&str; 5] = ["application/pdf", "image/jpeg", "image/png", "image/webp", "image/heif"];

/// Why an upload was not taken. Nothing was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefused {
    /// There is nothing in it.
    #[error("the file is empty; send the document itself")]
    Empty,
    /// More bytes than [`LARGEST`].
    #[error("the file is too large; send at most 10 MiB")]
    TooLarge,
    /// Its content is of another type, whatever its name says.
    #[error(
        "the file is of a type that is not taken; send a PDF, or a photograph as JPEG, PNG, WebP or HEIC"
    )]
    WrongType,
    /// It is not the mandate whose SHA-256 the agent named when they asked.
    #[error("this is not the document that the agent named when they asked; send that one")]
    OtherDocument,
    /// The same mandate was given for another person.
    #[error("this document was given for another person; send the mandate of this one")]
    ForSomebodyElse,
    /// The mandate has ended.
    #[error("this mandate has ended; let the person give a new one")]
    Ended,
}

impl UploadRefused {
    /// Whether it speaks against the agent who gave it, so that staff are told.
    pub const fn is_about_a_mandate(self) -> bool {
        matches!(self, Self::OtherDocument | Self::ForSomebodyElse | Self::Ended)
    }

    /// A short stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too-large",
            Self::WrongType => "wrong-type",
            Self::OtherDocument => "other-document",
            Self::ForSomebodyElse => "for-somebody-else",
            Self::Ended => "ended",
        }
    }
}

/// The media type of a paper, told by its content.
pub fn media_type(content: &[u8]) -> Result<&'static str, UploadRefused> {
    if content.is_empty() {
        return Err(UploadRefused::Empty);
    }
    if content.len() > LARGEST {
        return Err(UploadRefused::TooLarge);
    }
    let found = content_type::of(content);
    TAKEN.into_iter().find(|taken| *taken == found).ok_or(UploadRefused::WrongType)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_and_photographs_are_taken_and_nothing_else() {
        for (content, expected) in [
            (&b"%PDF-1.7 x"[..], Ok("application/pdf")),
            (b"\xff\xd8\xff\xe0....", Ok("image/jpeg")),
            (b"\x89PNG\r\n\x1a\n....", Ok("image/png")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Ok("image/webp")),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Ok("image/heif")),
            (b"PK\x03\x04....................", Err(UploadRefused::WrongType)),
            (b"<svg onload=alert(1)>", Err(UploadRefused::WrongType)),
            (b"<html><script>", Err(UploadRefused::WrongType)),
            (b"MZ\x90\0\x03\0\0\0", Err(UploadRefused::WrongType)),
            (b"My name is Hanako.", Err(UploadRefused::WrongType)),
            (b"", Err(UploadRefused::Empty)),
        ] {
            assert_eq!(media_type(content), expected, "{content:?}");
        }
        let mut large = b"%PDF-1.7 ".to_vec();
        large.resize(LARGEST, b' ');
        assert_eq!(media_type(&large), Ok("application/pdf"));
        large.push(b' ');
        assert_eq!(media_type(&large), Err(UploadRefused::TooLarge));
    }
}
