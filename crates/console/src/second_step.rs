//! What is asked of a person whose address is proven and whose request takes more.

use chrono::{DateTime, Utc};
use habeas_domain::{Bilingual, Personal, verification::Method};

use crate::{Confirmation, TypedCode};

/// What the page of the second step shows. The same for everybody whose request takes the same, known or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondStep {
    /// The short form of the request's id.
    pub reference: String,
    /// When the request arrived.
    pub received_at: DateTime<Utc>,
    /// What can be shown, in the order in which it is offered. None where only staff can help.
    pub ways: Vec<Method>,
    /// Whether staff may call the number on file instead.
    pub call_back: bool,
    /// Whether something else can be named that the person is known by.
    pub another: bool,
}

/// What naming something else leads to: the same for everybody whose request stands alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Another {
    /// A code at the address on file, which is typed on the page.
    Code,
    /// A request of its own, about which the address on file is written to.
    Request,
}

/// What the page of one way asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedFor {
    /// A code.
    Code,
    /// Answers to these questions.
    Answers(Vec<Bilingual>),
    /// A declaration.
    Declaration,
    /// To sign in at this address.
    SignIn(Personal<String>),
}

/// What a person hands in.
#[derive(Debug, Clone)]
pub enum HandedIn {
    /// A code.
    Code(TypedCode),
    /// Answers, in the order of the questions.
    Answers(Vec<Personal<String>>),
    /// That they declare it.
    Declared,
    /// The token of the company's sign-in.
    SignIn(Personal<String>),
}

/// What handing something in led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The request goes on.
    Done(Confirmation),
    /// It counts, and more is needed.
    Counts,
    /// It does not count. Why is told to nobody.
    Not,
}
