//! A code by text message to the number that the stores hold.

mod gateway;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use habeas_domain::{Language, PhoneNumber, verification::Method};
use habeas_ledger::{Attempt, Guessed, Ledger, PhoneCode, Purpose};
use habeas_vault::CodeHash;

pub use gateway::{GatewayError, HttpGateway, SmsGateway};

use super::{Case, HandedIn, Offered, Verdict, Way};
use crate::{
    DeskError, VerificationOptions,
    desk::note_guessing,
    on_file::{Files, known_by, of_request},
};

/// Who the message says it is from.
#[derive(Debug, Clone, Default)]
pub struct SmsWording {
    /// The company's name in English; may be empty.
    pub en: String,
    /// The company's name in Japanese; may be empty.
    pub ja: String,
}

impl SmsWording {
    /// The whole message: the code, what it is for, and that nobody asks for it.
    pub fn text(&self, code: &str, language: Language) -> String {
        let name = match language {
            Language::En => &self.en,
            Language::Ja => &self.ja,
        };
        let company = match name.trim() {
            "" => String::new(),
            name => format!("{name}: "),
        };
        match language {
            Language::En => format!(
                "{company}{code} is your code for your privacy request. Never tell it to anybody; we do not ask for it by phone."
            ),
            Language::Ja => format!(
                "{company}個人データのご請求の確認コードは {code} です。お電話でお尋ねすることはありません。誰にも教えないでください。"
            ),
        }
    }
}

/// Sends a code to a number on file, and compares it.
pub struct SmsCode {
    ledger: Ledger,
    files: Arc<dyn Files>,
    gateway: Arc<dyn SmsGateway>,
    wording: SmsWording,
    options: VerificationOptions,
}

impl SmsCode {
    /// Codes for the numbers that `files` hold, sent by `gateway`.
    pub fn new(
        ledger: Ledger,
        files: Arc<dyn Files>,
        gateway: Arc<dyn SmsGateway>,
        wording: SmsWording,
        options: VerificationOptions,
    ) -> Self {
        Self { ledger, files, gateway, wording, options }
    }

    /// Not waited for: how long the gateway takes would tell that there is a number to send to. A message that is lost
    /// is asked for again.
    fn send(&self, to: PhoneNumber, text: String) {
        let gateway = Arc::clone(&self.gateway);
        tokio::spawn(async move {
            let outcome = match gateway.send(&to, &text).await {
                Ok(()) => "sent",
                Err(error) => {
                    tracing::warn!(error = %error, "a text message was not sent");
                    "failed"
                }
            };
            metrics::counter!("habeas_sms_total", "outcome" => outcome).increment(1);
        });
    }
}

/// The number that the person named, if it is on file; else the first on file. What is not on file is never used.
fn number(held: Vec<PhoneNumber>, named: Option<&PhoneNumber>) -> Option<PhoneNumber> {
    let same = held.iter().find(|phone| Some(*phone) == named).cloned();
    same.or_else(|| held.into_iter().next())
}

#[async_trait]
impl Way for SmsCode {
    fn method(&self) -> Method {
        Method::SmsCode
    }

    async fn begin(&self, case: Case<'_>) -> Result<(), DeskError> {
        let (request, subject) = (case.request, &case.request.submission.subject);
        let most = self.options.phone_codes_a_day;
        let held = of_request(&*self.files, request).await?;
        let known_by = known_by(&self.ledger, request, &held);
        let allowed = self.ledger.attempt_by(request.id, &known_by, Attempt::SmsSent, most).await?;
        let code = self.ledger.vault().new_code();
        let hash = self.ledger.vault().hash_code(&code).await?.to_phc();
        let Some(to) = number(held.phones, subject.phone.as_ref()).filter(|_| allowed) else {
            return Ok(());
        };
        let life = TimeDelta::from_std(self.options.code_life).unwrap_or(TimeDelta::minutes(10));
        let stored = PhoneCode { hash, ends: self.ledger.ids().now() + life, tries: self.options.tries };
        if self.ledger.phone_code(request.id, stored, most).await? {
            self.send(to, self.wording.text(code.expose(), request.language));
        }
        Ok(())
    }

    async fn offer(&self, _: Case<'_>) -> Result<Offered, DeskError> {
        Ok(Offered::Code)
    }

    async fn judge(&self, case: Case<'_>, shown: HandedIn) -> Result<Verdict, DeskError> {
        let HandedIn::Code(code) = shown else { return Ok(Verdict::Nothing) };
        let request = case.request.id;
        let vault = self.ledger.vault();
        let allowed = self.ledger.attempt(request, Attempt::SmsCode, self.options.code_tries_a_day).await?;
        if !allowed {
            note_guessing(&self.ledger, request, Guessed::Phone).await?;
        }
        let tried = self.ledger.try_code(request, Purpose::Phone, None).await?.filter(|_| allowed);
        let Some(tried) = tried else {
            vault.hash_code(&code).await?;
            return Ok(Verdict::Nothing);
        };
        let right = vault.verify_code(&code, &CodeHash::parse(&tried.code_hash)?).await?;
        if !right && tried.tries_left == 0 {
            note_guessing(&self.ledger, request, Guessed::Phone).await?;
        }
        Ok(if right { Verdict::Met(tried.challenge) } else { Verdict::Nothing })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).unwrap()
    }

    #[test]
    fn a_number_that_is_not_on_file_is_never_used() {
        let (held, other) = (phone("+819000000001"), phone("+819000000002"));
        let attackers = phone("+819099999999");
        let both = vec![held.clone(), other.clone()];
        assert_eq!(number(both.clone(), Some(&other)), Some(other));
        assert_eq!(number(both, Some(&attackers)), Some(held));
        assert_eq!(number(Vec::new(), Some(&attackers)), None);
    }

    #[test]
    fn the_message_names_the_company_the_code_and_the_rule() {
        let wording = SmsWording { en: "Example Shop".to_owned(), ..SmsWording::default() };
        assert_eq!(
            wording.text("12345678", Language::En),
            "Example Shop: 12345678 is your code for your privacy request. Never tell it to anybody; we do not ask for it by phone."
        );
        let japanese = SmsWording::default().text("12345678", Language::Ja);
        assert!(japanese.starts_with("個人データ") && japanese.contains(" 12345678 "), "{japanese}");
    }
}
