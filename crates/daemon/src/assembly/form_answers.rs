//! How the address of the form leaves.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use habeas_config::Config;
use habeas_domain::{Fault, Language, Personal, Regime, RegimeId, Retry};
use habeas_ledger::FormAnswer;
use habeas_mailbox::worker::SendsForms;
use habeas_notification::{Letterhead, MsgId, Posting, Renderer, Reports, Sender, Transport, compose};

use super::{contact, controller_name, mail_route, regimes};
use crate::failure::{Exit, Failure};

/// Writes and sends the answer to mails that ask for nothing (RFC 3834): marked as automatic, with the null address as
/// its envelope sender, so that nothing can answer it.
pub(super) struct FormAnswers {
    /// By mailbox; one that is not named answers nobody.
    forms: BTreeMap<String, String>,
    renderer: Renderer,
    transport: Arc<dyn Transport>,
    head: Letterhead,
}

impl FormAnswers {
    pub(super) fn new(config: &Config) -> Result<Self, Failure> {
        let forms = config.mailboxes().into_iter();
        let forms = forms.filter_map(|mailbox| Some((mailbox.name, mailbox.answer_with_form?))).collect();
        let renderer = Renderer::new().map_err(|error| Failure::of(Exit::Unavailable, "mail", &error))?;
        let transport = mail_route(config)?.transport();
        let regime = RegimeId::new(config.requests.regime()).ok();
        let known = regimes(config)?;
        let regime = regime.and_then(|id| known.get(&id).cloned()).ok_or_else(|| {
            Failure::new(Exit::Config, "requests", "the regime of requests has no data file".to_owned())
        })?;
        Ok(Self { forms, renderer, transport, head: letterhead(config, &regime) })
    }

    async fn send(&self, answer: &FormAnswer) -> Result<(), Fault> {
        let form = self.forms.get(&answer.mailbox).ok_or_else(|| {
            Fault::permanent("no-form", "its mailbox answers with the address of a form no more")
        })?;
        let head = Letterhead { language: answer.language, ..self.head.clone() };
        let rendered = self.renderer.render_form_address(form, &head);
        let rendered = rendered.map_err(|error| Fault::permanent("mail-wording", error.to_string()))?;
        let posting = Posting {
            mail: answer.lease.answer,
            to: answer.to.clone(),
            thread: answer.answers.as_ref().and_then(|id| MsgId::bare(id.expose()).ok()),
            date: answer.ordered_at,
            marks: None,
            auto_replied: true,
            reports: Reports::Nowhere,
        };
        let outgoing = compose(&rendered, &head, &posting)
            .map_err(|error| Fault::permanent("mail-compose", error.to_string()))?;
        let sent = self.transport.send(&outgoing).await;
        let outcome = if sent.is_ok() { "sent" } else { "failed" };
        metrics::counter!("habeas_mails_total", "kind" => outgoing.kind, "outcome" => outcome).increment(1);
        // One that may have arrived is not sent again: two copies of a courtesy are one too many.
        sent.map_err(|error| Fault {
            retry: if error.may_have_arrived() { Retry::Never } else { error.to_fault().retry },
            ..error.to_fault()
        })
    }
}

fn letterhead(config: &Config, regime: &Regime) -> Letterhead {
    Letterhead {
        controller_name: controller_name(config),
        contact_email: contact(config),
        support: None,
        base_url: String::new(),
        from: Sender { name: config.mail.from_name.clone(), address: config.mail.from_address.clone() },
        complaint: regime.complaint.text.clone(),
        dispute_body: regime.complaint.dispute_body.clone(),
        non_discrimination: regime.non_discrimination.value.clone(),
        notice_version: config.controller.notice_version.clone(),
        reference: String::new(),
        person_name: Personal::new(None),
        for_child: false,
        agent_end: None,
        another: None,
        language: Language::default(),
        regime_title: regime.title.clone(),
        time_zone: regime.time_zone,
    }
}

#[async_trait]
impl SendsForms for FormAnswers {
    async fn send_form(&self, answer: &FormAnswer) -> Result<(), Fault> {
        Box::pin(self.send(answer)).await
    }
}
