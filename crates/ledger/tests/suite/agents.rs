//! Requests that somebody makes for somebody else.

use chrono::TimeDelta;
use habeas_domain::{
    Actor, AgentId, AgentTerms, Clock as _, Letter, Outcome, Personal, RequestId, RequestState, Right,
    WorkKind,
};
use habeas_ledger::{AcceptRefused, AgentCopy, AgentEnded, NewRequest, Presented, Proof, Purpose};
use habeas_vault::TokenHash;
use serde_json::json;
use uuid::Uuid;

use crate::{
    steps::{challenge, new_request, staff, submission},
    world::World,
};

on_both!(
    an_agent_is_known_by_their_address_alone,
    a_mandate_for_another_person_is_noticed_whoever_brings_it,
    people_are_written_to_one_after_another_and_others_do_not_wait,
    an_agent_may_have_so_many_open_requests,
    every_mail_goes_to_the_person,
    the_person_ends_an_unconfirmed_request_with_its_agent,
    the_person_goes_on_alone,
    the_agent_gets_a_copy_only_while_the_person_lets_them,
);

pub(crate) const ALEX: &str = "alex@agents.example";

pub(crate) fn by_agent(subject: &str, agent: &str, reference: Option<&str>) -> NewRequest {
    let submission = submission(&json!({
        "subject": { "email": subject }, "rights": ["access"],
        "agent": { "name": "Alex Agent", "email": agent, "mandate": "signed-permission", "reference": reference },
    }));
    NewRequest { submission, ..new_request(subject, &[Right::Access]) }
}

impl World {
    pub(crate) async fn only_agent(&self) -> AgentId {
        let agents = self.ledger.list_agents().await.unwrap().items;
        assert_eq!(agents.len(), 1);
        agents[0].id
    }

    /// The agent of a request follows the link of their mail.
    pub(crate) async fn prove_agent(&self, request: RequestId) {
        let link = self.agent_challenge(request).await;
        assert!(self.ledger.prove_agent(link, AgentTerms::default().pace).await.unwrap());
    }

    /// The challenge that was made for the agent of a request.
    pub(crate) async fn agent_challenge(&self, request: RequestId) -> Uuid {
        let claimed = self.claim_one(request, WorkKind::Challenge).await;
        assert!(self.ledger.open_request(request).await.unwrap().agent_waits);
        let mut new = challenge(self, Purpose::Agent, "hash");
        let token = new.link.unwrap().0;
        new.link = Some((token, self.clock.now() + TimeDelta::days(1)));
        self.ledger.challenged(vec![(claimed.lease, request, new)]).await.unwrap();
        self.ledger.challenge_by_token(&token).await.unwrap().unwrap().id
    }

    /// A request of an agent who has shown their address, with the challenge of its person to be made.
    pub(crate) async fn of_known_agent(&self, subject: &str) -> RequestId {
        let request = self.accept(by_agent(subject, ALEX, None)).await;
        self.prove_agent(request).await;
        request
    }

    /// The copy is made, with a way to it that is the agent's own. Returns the token of that.
    pub(crate) async fn concluded_for_agent(&self, request: RequestId) -> TokenHash {
        self.resolve(request, &["shop"]).await;
        self.finish_tasks(request).await;
        let claimed = self.claim_one(request, WorkKind::Conclude).await;
        let mut conclusion = self.conclusion(&claimed, Some(Outcome::Done)).await;
        let token = self.ledger.vault().new_token().hash();
        conclusion.agent = Some(AgentCopy {
            to: Personal::new(ALEX.to_owned()),
            letter: Letter::AgentResult { right: Right::Access, package: None },
            token: Some(token),
        });
        self.ledger.concluded(vec![conclusion]).await.unwrap();
        token
    }

    /// The person presses the button, and says whether the agent may have the results.
    pub(crate) async fn confirms(&self, request: RequestId, present: fn(TokenHash) -> Presented) {
        let claimed = self.claim_one(request, WorkKind::Challenge).await;
        let new = challenge(self, Purpose::Identity, "hash");
        let link = new.link.as_ref().unwrap().0;
        self.ledger.challenged(vec![(claimed.lease, request, new)]).await.unwrap();
        let proofs = self.ledger.prove_all(&[present(link)]).await.unwrap();
        assert!(matches!(proofs[..], [Proof::Proven(_)]));
    }

    async fn end_link(&self, request: RequestId) -> Uuid {
        let token = self.ledger.agent_end_token(request).hash();
        self.ledger.challenge_by_token(&token).await.unwrap().unwrap().id
    }

    pub(crate) async fn kinds_of_mails(&self, request: RequestId) -> Vec<String> {
        let mut kinds: Vec<String> =
            self.view(request).await.mails.into_iter().map(|mail| mail.kind).collect();
        kinds.sort();
        kinds
    }
}

async fn an_agent_is_known_by_their_address_alone(world: World) {
    let one = world.accept(by_agent("hanako@example.jp", ALEX, None)).await;
    let two = world.accept(by_agent("taro@example.jp", "Alex@Agents.example", None)).await;
    let own = world.accepted(&[Right::Access]).await;
    let agents = world.ledger.list_agents().await.unwrap().items;
    assert_eq!(agents.iter().map(|agent| (agent.requests, agent.waiting)).collect::<Vec<_>>(), [(2, 2)]);
    for request in [one, two] {
        let view = world.view(request).await;
        assert_eq!((view.agent, view.mandate_reused), (Some(agents[0].id), false));
    }
    assert_eq!(world.view(own).await.agent, None);
    let rows = world.number("SELECT COUNT(*) AS n FROM agent").await;
    assert_eq!(rows, 1);
}

async fn a_mandate_for_another_person_is_noticed_whoever_brings_it(world: World) {
    let reused = async |request: RequestId| world.view(request).await.mandate_reused;
    let first = world.accept(by_agent("hanako@example.jp", ALEX, Some("P-1"))).await;
    let again = world.accept(by_agent("hanako@example.jp", ALEX, Some("P-1"))).await;
    let other = world.accept(by_agent("taro@example.jp", ALEX, Some("P-1"))).await;
    let own = world.accept(by_agent("taro@example.jp", ALEX, Some("P-2"))).await;
    assert_eq!([reused(first).await, reused(again).await], [false; 2], "the same person");
    assert!(reused(other).await);
    assert!(!reused(own).await);
    let stolen = world.accept(by_agent("jiro@example.jp", "eve@other.example", Some("P-1"))).await;
    assert!(reused(stolen).await, "the same paper from another agent");
    let batch = vec![
        by_agent("jiro@example.jp", ALEX, Some("P-3")),
        by_agent("saburo@example.jp", ALEX, Some("P-3")),
    ];
    let mut marks = Vec::new();
    for accepted in world.ledger.accept(batch).await.unwrap() {
        marks.push(reused(accepted.unwrap().id).await);
    }
    assert_eq!(marks, [false, true], "within one batch, too");
    let counts = world.ledger.list_agents().await.unwrap().items;
    assert_eq!(counts.iter().map(|agent| agent.reused).sum::<u64>(), 3);
}

async fn people_are_written_to_one_after_another_and_others_do_not_wait(world: World) {
    let first = world.accept(by_agent("p0@example.jp", ALEX, None)).await;
    let mut rest = Vec::new();
    for n in 1..4 {
        rest.push(world.accept(by_agent(&format!("p{n}@example.jp"), ALEX, None)).await);
    }
    world.prove_agent(first).await;
    let fifth = world.accept(by_agent("p5@example.jp", ALEX, None)).await;
    let own = world.accepted(&[Right::Access]).await;
    let due = async |request: RequestId| {
        let work = world.view(request).await.work;
        let challenge = work.iter().find(|work| work.kind == WorkKind::Challenge).unwrap();
        challenge.due_at.map(|at| (at - crate::world::start()).num_milliseconds())
    };
    let mut turns = vec![due(first).await];
    for request in rest {
        turns.push(due(request).await);
    }
    turns.push(due(fifth).await);
    // Those that waited together go in the order of their ids, which is their order of arrival to the millisecond.
    turns[..4].sort_unstable();
    assert_eq!(turns, [Some(0), Some(1000), Some(2000), Some(3000), Some(4000)]);
    assert_eq!(due(own).await.unwrap_or(0).max(0), 0, "who asks for themselves is written to at once");
    let record = world.ledger.agent(world.only_agent().await).await.unwrap();
    assert_eq!(record.paced_until, Some(crate::world::start() + TimeDelta::seconds(5)));
}

async fn an_agent_may_have_so_many_open_requests(world: World) {
    let terms = AgentTerms { most_open: 2, ..AgentTerms::default() };
    let new = |n: u8| NewRequest { agents: terms, ..by_agent(&format!("p{n}@example.jp"), ALEX, None) };
    let results = world.ledger.accept((0..3).map(new).collect()).await.unwrap();
    let first = results[0].as_ref().unwrap().id;
    assert_eq!(results[2], Err(AcceptRefused::AgentFull));
    assert_eq!(world.ledger.accept(vec![new(4)]).await.unwrap(), [Err(AcceptRefused::AgentFull)]);
    world.ledger.withdraw(first, staff(2)).await.unwrap();
    world.accept(new(5)).await;
    world.accept(by_agent("taro@example.jp", "other@agents.example", None)).await;
}

async fn every_mail_goes_to_the_person(world: World) {
    let request = world.of_known_agent("hanako@example.jp").await;
    world.send_mails(request).await;
    world.prove(request).await;
    world.resolve(request, &["shop"]).await;
    world.ledger.withdraw(request, Actor::Subject).await.unwrap();
    let claimed = world.claim(request, WorkKind::Mail).await;
    let mails = world.ledger.mails_to_send(&claimed).await.unwrap();
    assert!(mails.len() >= 3);
    assert!(mails.iter().all(|mail| mail.to.expose() == "hanako@example.jp"));
    let end = world.ledger.agent_end_token(request);
    for mail in mails {
        let told = mail.agent_end.map(|token| token.expose().clone());
        let expected = mail.letter.tells_how_to_end_an_agent().then(|| end.expose().to_string());
        assert_eq!(told, expected, "{}", mail.letter.kind());
    }
}

async fn the_person_ends_an_unconfirmed_request_with_its_agent(world: World) {
    let request = world.of_known_agent("hanako@example.jp").await;
    let link = world.end_link(request).await;
    assert_eq!(world.ledger.end_agent(link).await.unwrap(), AgentEnded::Closed(request));
    assert_eq!(world.ledger.end_agent(link).await.unwrap(), AgentEnded::NotValid, "once");
    let view = world.view(request).await;
    assert_eq!((view.state, view.outcome), (RequestState::Closed, Some(Outcome::Withdrawn)));
    assert!(world.claim(request, WorkKind::Challenge).await.is_empty(), "and nobody is asked any more");
}

async fn the_person_goes_on_alone(world: World) {
    let request = world.of_known_agent("hanako@example.jp").await;
    world.confirms(request, Presented::LinkForAgent).await;
    let view = world.view(request).await;
    assert_eq!((view.state, view.agent_receives_at), (RequestState::Resolving, Some(crate::world::start())));
    let said = world.ledger.identity(request).await.unwrap().evidence;
    assert!(said[0].note.as_ref().unwrap().as_str().contains("agent"), "the choice is evidence");
    assert!(world.events(request).await.contains(&"agent-may-receive".to_owned()));
    assert!(world.ledger.open_request(request).await.unwrap().agent.unwrap().receives);
    let link = world.end_link(request).await;
    assert_eq!(world.ledger.end_agent(link).await.unwrap(), AgentEnded::GoesOn(request));
    let view = world.view(request).await;
    assert_eq!((view.state, view.agent_receives_at), (RequestState::Resolving, None));
    assert!(
        view.agent_ended_at.is_some() && world.ledger.open_request(request).await.unwrap().agent.is_none()
    );
}

async fn the_agent_gets_a_copy_only_while_the_person_lets_them(world: World) {
    let silent = world.of_known_agent("hanako@example.jp").await;
    world.confirms(silent, Presented::Link).await;
    let token = world.concluded_for_agent(silent).await;
    assert_eq!(
        world.ledger.package_by_token(&token).await.unwrap(),
        None,
        "the person alone, unless they say so"
    );
    assert!(!world.kinds_of_mails(silent).await.contains(&"agent-result".to_owned()));
    let request = world.accept(by_agent("taro@example.jp", ALEX, None)).await;
    world.confirms(request, Presented::LinkForAgent).await;
    let token = world.concluded_for_agent(request).await;
    let package = world.ledger.package_by_token(&token).await.unwrap().unwrap();
    assert_eq!((package.for_agent, package.downloads_left), (true, 3));
    let claimed = world.claim(request, WorkKind::Mail).await;
    let mails = world.ledger.mails_to_send(&claimed).await.unwrap();
    let told: Vec<&str> =
        mails.iter().filter(|mail| mail.to.expose() == ALEX).map(|mail| mail.letter.kind()).collect();
    assert_eq!(told, ["agent-result"]);
    assert!(world.ledger.use_agent_download(package.id).await.unwrap().is_some());
    let own = world.ledger.package(package.id).await.unwrap().unwrap();
    assert_eq!(own.downloads_left, 3, "which takes nothing from the person");
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap().unwrap().downloads_left, 2);
    let link = world.end_link(request).await;
    world.ledger.end_agent(link).await.unwrap();
    assert_eq!(world.ledger.package_by_token(&token).await.unwrap(), None);
    assert_eq!(world.ledger.use_agent_download(package.id).await.unwrap(), None);
    assert!(world.ledger.forget_package(package.id).await.unwrap());
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM agent_package").await, 0);
}
