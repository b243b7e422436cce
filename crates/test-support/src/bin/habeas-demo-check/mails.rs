//! Each mail is there, and is what the document says.

use std::path::Path;

use habeas_test_support::ReceivedMail;

use crate::document::{Document, Mail, located};

/// What is wrong with the mails.
pub(crate) fn findings(document: &Document, folder: &Path) -> Vec<String> {
    let mut findings: Vec<String> = document.mails.iter().filter_map(|mail| of_mail(mail, folder)).collect();
    let unanswered = document.requests.iter().filter(|request| {
        let is_theirs = |mail: &&Mail| mail.to.eq_ignore_ascii_case(&request.email);
        // At least: received, verify, done.
        document.mails.iter().filter(is_theirs).count() < 3
    });
    findings.extend(unanswered.map(|request| format!("fewer than 3 mails for request {}", request.id)));
    findings
}

fn of_mail(mail: &Mail, folder: &Path) -> Option<String> {
    let file = located(folder, &mail.file);
    let name = format!("the mail {} ({})", file.display(), mail.kind);
    let read = match std::fs::read(&file) {
        Ok(bytes) => ReceivedMail::parse(&bytes),
        Err(failure) => return Some(format!("{name}: {failure}")),
    };
    match read {
        Err(failure) => Some(format!("{name}: {failure:#}")),
        Ok(read) if !read.to.iter().any(|to| to.eq_ignore_ascii_case(&mail.to)) => {
            Some(format!("{name}: another To"))
        }
        Ok(read) if read.subject != mail.subject => Some(format!("{name}: another subject")),
        Ok(_) => None,
    }
}
