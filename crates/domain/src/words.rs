/// The words of an enum that stands in files, messages and columns, written once: `ALL` in their order, `as_str`, and
/// [`Display`](std::fmt::Display) and [`FromStr`](std::str::FromStr) by it. `or` names what a text is that is none of them.
///
/// ```
/// use habeas_domain::{request::UnknownState, words};
///
/// #[derive(Debug, Clone, Copy, PartialEq)]
/// enum Light {
///     Red,
///     Green,
/// }
///
/// words!(Light, or UnknownState: Red = "red", Green = "green");
///
/// assert_eq!("green".parse(), Ok(Light::Green));
/// assert_eq!("blue".parse::<Light>(), Err(UnknownState));
/// assert_eq!(Light::ALL.map(Light::as_str), ["red", "green"]);
/// ```
#[macro_export]
macro_rules! words {
    ($name:ident, or $unknown:path: $($variant:ident = $word:literal),+ $(,)?) => {
        impl $name {
            /// Every one.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word used in files, messages, columns and on the command line.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $unknown;

            fn from_str(text: &str) -> Result<Self, $unknown> {
                Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or($unknown)
            }
        }
    };
}
