use habeas_domain::received_mail::{Verdict, Writer};

use crate::entity::{received_mail, request};

/// Who wrote a mail of a request, by the address in its `From`. Evidence, never a proof: `From` can say anything.
/// Nothing for what a mail server wrote.
pub(super) fn writer(mail: &received_mail::Model, of: &request::Model) -> Option<Writer> {
    if mail.verdict.as_deref() == Some(Verdict::Bounce.as_str()) {
        return None;
    }
    let same = mail.sender_lookup.as_deref() == Some(of.subject_lookup.as_slice());
    Some(if same { Writer::Subject } else { Writer::Other })
}
