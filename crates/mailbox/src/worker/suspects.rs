//! Which mails are read together after one of them may have ended the process that read it.

use habeas_ledger::ClaimedMail;

/// Those to act on now, and those to hand back untouched. Mails whose reading began before and did not come to an end are
/// read apart from all others, and half of them at a time: the one that ends its process is soon alone with that, and no
/// other is given up because of it.
pub(super) fn apart(claimed: Vec<ClaimedMail>) -> (Vec<ClaimedMail>, Vec<ClaimedMail>) {
    let (mut suspects, mut others): (Vec<_>, Vec<_>) =
        claimed.into_iter().partition(|mail| mail.attempts > 1);
    if suspects.is_empty() {
        return (others, suspects);
    }
    // Those that were cut off the least are likely to be well.
    suspects.sort_by_key(|mail| mail.attempts);
    others.extend(suspects.split_off(suspects.len().div_ceil(2)));
    (suspects, others)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use habeas_domain::{ReceivedMailId, TypedId};
    use habeas_ledger::MailLease;
    use uuid::Uuid;

    use super::*;

    fn mail(number: u128, attempts: u32) -> ClaimedMail {
        ClaimedMail {
            lease: MailLease { mail: ReceivedMailId::from_uuid(Uuid::from_u128(number)), epoch: 1 },
            mailbox: "privacy".to_owned(),
            bytes: 1,
            received_at: DateTime::UNIX_EPOCH,
            attempts,
            put_off: 0,
        }
    }

    #[test]
    fn a_poisonous_mail_is_soon_alone_and_nobody_is_given_up_for_it() {
        const POISON: u128 = 21;
        const MOST: u32 = 8;
        let mut waiting: Vec<(u128, u32)> = (0..32).map(|number| (number, 0)).collect();
        let mut rounds = 0;
        while !waiting.is_empty() {
            rounds += 1;
            assert!(rounds < 60, "{waiting:?}");
            let claimed = waiting.iter().map(|(number, attempts)| mail(*number, attempts + 1)).collect();
            let (acted, spared) = apart(claimed);
            let number = |mail: &ClaimedMail| mail.lease.mail.uuid().as_u128();
            waiting = spared.iter().map(|mail| (number(mail), mail.attempts - 1)).collect();
            let (given_up, read): (Vec<_>, Vec<_>) = acted.iter().partition(|mail| mail.attempts > MOST);
            assert!(given_up.iter().all(|mail| number(mail) == POISON), "{given_up:?}");
            if read.iter().any(|mail| number(mail) == POISON) {
                waiting.extend(read.iter().map(|mail| (number(mail), mail.attempts)));
            }
        }
    }
}
