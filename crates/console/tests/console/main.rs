//! The pages over a desk that remembers what it was asked.

#[cfg(test)]
mod behaviour;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod papers;
#[cfg(test)]
mod site;
