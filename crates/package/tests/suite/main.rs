//! Packages as a whole: what is in them, what hostile data does to them, what is found when they are changed.

#[cfg(test)]
mod common;
#[cfg(test)]
mod contents;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod streaming;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod vault;
