//! Addresses on file that a person proves beside the one that their request names: by a code that is sent to what the
//! stores hold. They open no gate; what is on file under them is then looked at as well.

use habeas_domain::{
    Actor, EmailAddress, RequestId, RequestState, TypedId, audit::AuditEvent, submission::Correction,
};
use habeas_vault::{RequestKey, Vault};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Ledger, LedgerError, NewChallenge, Purpose,
    entity::{challenge, request},
    sealed::{self, OpenRequest},
    unit::Unit,
};

/// The event in audit trails of an address on file that the person has shown to be theirs.
pub(crate) const ON_FILE_PROVEN: &str = "on-file-address-proven";

/// An address on file that a code was sent to. Serialises in the clear: it is kept sealed.
#[derive(Serialize, Deserialize)]
struct OnFileAddress {
    challenge: Uuid,
    address: String,
    proven: bool,
}

fn all(vault: &Vault, row: &request::Model, key: &RequestKey) -> Result<Vec<OnFileAddress>, LedgerError> {
    let Some(sealed) = row.also_proven.as_deref() else { return Ok(Vec::new()) };
    let context = sealed::also_proven(RequestId::from_uuid(row.id));
    Ok(vault.open_json::<Vec<OnFileAddress>>(key, &context, sealed)?.into_inner())
}

/// The addresses of which the person has shown the code.
pub(crate) fn proven(
    vault: &Vault,
    row: &request::Model,
    key: &RequestKey,
) -> Result<Vec<EmailAddress>, LedgerError> {
    let mut found: Vec<EmailAddress> = Vec::new();
    for one in all(vault, row, key)?.iter().filter(|one| one.proven) {
        if let Ok(address) = EmailAddress::parse(&one.address)
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    Ok(found)
}

impl Ledger {
    /// Sends a code to an address on file, which meeting the challenge then proves, unless the request waits for no
    /// proof or `most` of these were sent for it in the last 24 hours. Returns whether it was ordered.
    pub async fn challenge_on_file(
        &self,
        request: RequestId,
        address: &EmailAddress,
        new: NewChallenge,
        most: u64,
    ) -> Result<bool, LedgerError> {
        let mut unit = self.begin().await?;
        let mut requests = unit.lock([request]).await?;
        let row = requests.get_mut(&request).ok_or(LedgerError::NotFound("request"))?;
        let waits = row.state == RequestState::AwaitingVerification.as_str();
        if !waits || self.challenges_in(&unit.tx, request, Purpose::OnFile).await? >= most {
            return Ok(false);
        }
        let challenge = unit.challenge(row, None, new)?;
        let (vault, key) = (self.vault(), sealed::key(self.vault(), row)?);
        let mut kept = all(vault, row, &key)?;
        kept.push(OnFileAddress { challenge, address: address.as_str().to_owned(), proven: false });
        row.also_proven = Some(vault.seal_json(&key, &sealed::also_proven(request), &kept)?);
        unit.changes.request(row);
        unit.commit().await?;
        Ok(true)
    }
}

impl Unit<'_> {
    /// Every new address that the person asked to be corrected to is confirmed: rows will bear it, and are theirs.
    pub(crate) fn new_addresses_proven(
        &mut self,
        row: &mut request::Model,
        met: &challenge::Model,
    ) -> Result<(), LedgerError> {
        let (vault, open) = (self.ledger.vault(), OpenRequest::open(self.ledger.vault(), row)?);
        let mut kept = all(vault, row, &open.key)?;
        let new = open.submission.corrections.iter().filter_map(Correction::new_address);
        kept.extend(new.map(|address| OnFileAddress {
            challenge: met.id,
            address: address.into_personal().expose().clone(),
            proven: true,
        }));
        row.also_proven = Some(vault.seal_json(&open.key, &sealed::also_proven(open.id), &kept)?);
        self.changes.request(row);
        Ok(())
    }

    /// The code of an address on file was shown. Questions are drawn anew, since more can be asked now; and what was shown or is
    /// under way counts no more, since it may be of somebody else: a code that was sent to their telephone, a call to it.
    pub(crate) async fn on_file_proven(
        &mut self,
        row: &mut request::Model,
        met: &challenge::Model,
    ) -> Result<(), LedgerError> {
        let id = RequestId::from_uuid(row.id);
        let (vault, key) = (self.ledger.vault(), sealed::key(self.ledger.vault(), row)?);
        let mut kept = all(vault, row, &key)?;
        for one in kept.iter_mut().filter(|one| one.challenge == met.id) {
            one.proven = true;
        }
        row.also_proven = Some(vault.seal_json(&key, &sealed::also_proven(id), &kept)?);
        self.drop_steps([row.id]).await?;
        self.end_phone_codes(row).await?;
        self.drop_shown(row)?;
        self.audit(id, AuditEvent::new(ON_FILE_PROVEN, Actor::Subject));
        self.changes.request(row);
        Ok(())
    }

    async fn end_phone_codes(&self, row: &request::Model) -> Result<(), LedgerError> {
        challenge::Entity::update_many()
            .col_expr(challenge::Column::CodeExpiresAt, Expr::value(self.stored_now()))
            .filter(challenge::Column::RequestId.eq(row.id))
            .filter(challenge::Column::Purpose.eq(Purpose::Phone.as_str()))
            .filter(challenge::Column::UsedAt.is_null())
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
