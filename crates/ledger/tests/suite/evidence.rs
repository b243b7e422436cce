//! What is shown of an identity, and the gate that it opens.

use chrono::TimeDelta;
use habeas_domain::{
    Actor, EmailAddress, Personal, RequestId, RequestState, Right, WorkKind,
    text::FreeText,
    verification::{
        Evidence, EvidenceOutcome, EvidenceRefused, Level, Method, Standing, VerificationPolicy,
        VerificationRules,
    },
};
use habeas_ledger::{Attempt, Guessed, LedgerError, NewChallenge, NewRequest, PhoneCode, Purpose};

use crate::{
    steps::{challenge, new_request, purge_closed, staff},
    world::{World, start},
};

on_both!(
    the_mailed_link_alone_opens_the_gate_of_an_ordinary_request,
    a_demanding_request_takes_every_method_of_a_set,
    two_people_have_to_have_called,
    a_call_counts_for_whoever_looked_up_the_number_on_file,
    what_was_shown_of_one_account_proves_nothing_with_another_beside_it,
    nobody_is_looked_up_before_they_have_shown_something,
    a_denial_ends_it,
    evidence_and_what_proofs_keep_go_with_the_request,
    what_a_proof_keeps_is_kept_once_and_ends,
    attempts_are_counted_per_person_over_all_requests,
    a_code_for_the_telephone_proves_the_telephone_and_no_more,
    nothing_is_recorded_once_nothing_waits,
    guessing_is_shown_on_the_request_once_a_day,
);

fn demanding(email: &str) -> NewRequest {
    let verification = VerificationRules::default().high;
    NewRequest { verification, ..new_request(email, &[Right::Access]) }
}

fn shown(method: Method, by: Actor, outcome: EvidenceOutcome) -> Evidence {
    Evidence { method, outcome, at: start(), by, answers: 3, note: FreeText::parse("Spoke to Hanako.").ok() }
}

async fn mailed(world: &World, email: &str) -> RequestId {
    let request = world.accept(demanding(email)).await;
    press_link(world, request).await;
    request
}

async fn press_link(world: &World, request: RequestId) {
    let new = challenge(world, Purpose::Identity, "hash");
    let token = new.link.unwrap().0;
    world.ledger.challenge_within(request, new, u64::MAX).await.unwrap();
    let id = world.ledger.challenge_by_token(&token).await.unwrap().unwrap().id;
    assert!(world.ledger.prove(id).await.unwrap());
}

async fn refused(world: &World, request: RequestId, evidence: Evidence) -> EvidenceRefused {
    match world.ledger.record_evidence(request, evidence).await {
        Err(LedgerError::Evidence(refused)) => refused,
        other => panic!("it was not refused: {other:?}"),
    }
}

async fn guessing_is_shown_on_the_request_once_a_day(world: World) {
    let request = world.accept(demanding("hanako@example.jp")).await;
    let other = world.accept(demanding("taro@example.jp")).await;
    let guesses = (0..10).map(|_| {
        let ledger = world.ledger.clone();
        tokio::spawn(async move { ledger.note_guessing(request, Guessed::Phone).await.unwrap() })
    });
    let mut noted = 0;
    for guess in guesses.collect::<Vec<_>>() {
        noted += usize::from(guess.await.unwrap());
    }
    assert_eq!(noted, 1, "however many guess at once");
    assert!(world.ledger.note_guessing(request, Guessed::RecentDealings).await.unwrap(), "another kind");
    world.clock.advance(TimeDelta::hours(25));
    assert!(world.ledger.note_guessing(request, Guessed::Phone).await.unwrap(), "another day");
    let signs = world.ledger.request_view(request).await.unwrap().signs;
    let kinds: Vec<Guessed> = signs.iter().map(|sign| sign.guessed).collect();
    assert_eq!(kinds, [Guessed::Phone, Guessed::RecentDealings, Guessed::Phone]);
    assert_eq!((signs[0].at, signs[2].at), (start(), start() + TimeDelta::hours(25)));
    assert_eq!(world.ledger.request_view(other).await.unwrap().signs, []);
    world.assert_audit_whole().await;
}

async fn the_mailed_link_alone_opens_the_gate_of_an_ordinary_request(world: World) {
    let request = world.accept(new_request("taro@example.jp", &[Right::Access])).await;
    assert_eq!(world.ledger.identity(request).await.unwrap().policy, VerificationPolicy::mail_link());
    press_link(&world, request).await;
    let identity = world.ledger.identity(request).await.unwrap();
    assert_eq!((identity.state, identity.standing), (RequestState::Resolving, Standing::Proven));
    assert_eq!(identity.evidence.len(), 1);
    let events = world.events(request).await;
    assert_eq!(
        events.iter().filter(|event| event.starts_with("identity")).collect::<Vec<_>>(),
        ["identity-proven"]
    );
}

async fn a_demanding_request_takes_every_method_of_a_set(world: World) {
    let request = mailed(&world, "hanako@example.jp").await;
    let identity = world.ledger.identity(request).await.unwrap();
    assert_eq!((identity.state, identity.policy.level), (RequestState::AwaitingVerification, Level::High));
    let Standing::Needs { missing } = identity.standing else { panic!("more is to be shown") };
    assert!(missing.iter().any(|set| set.contains(&Method::SignIn)));
    assert!(world.waiting(request, WorkKind::Resolve).await.is_empty(), "nothing is looked up yet");
    let by_staff = shown(Method::SignIn, staff(2), EvidenceOutcome::Passed);
    assert_eq!(refused(&world, request, by_staff).await, EvidenceRefused::NotThePerson);
    let declared = shown(Method::Declaration, Actor::Subject, EvidenceOutcome::Passed);
    assert_eq!(refused(&world, request, declared).await, EvidenceRefused::DoesNotCount);
    let signed_in = shown(Method::SignIn, Actor::Subject, EvidenceOutcome::Passed);
    assert_eq!(world.ledger.record_evidence(request, signed_in).await.unwrap(), Standing::Proven);
    assert_eq!(world.waiting(request, WorkKind::Resolve).await.len(), 1);
    assert_eq!(world.view(request).await.state, RequestState::Resolving);
    world.assert_audit_whole().await;
}

async fn two_people_have_to_have_called(world: World) {
    let request = mailed(&world, "hanako@example.jp").await;
    let call = |by| shown(Method::CallBack, by, EvidenceOutcome::Passed);
    assert_eq!(refused(&world, request, call(staff(1))).await, EvidenceRefused::OwnRequest);
    assert_eq!(refused(&world, request, call(Actor::Subject)).await, EvidenceRefused::NotStaff);
    for by in 2..9 {
        world.ledger.record_contacts_seen(request, staff(by), 1).await.unwrap();
    }
    world.ledger.record_evidence(request, call(staff(2))).await.unwrap();
    assert_eq!(refused(&world, request, call(staff(2))).await, EvidenceRefused::SamePersonTwice);
    assert_eq!(world.view(request).await.state, RequestState::AwaitingVerification);
    let parallel = (3..9).map(|n| {
        let (ledger, call) = (world.ledger.clone(), call(staff(n)));
        tokio::spawn(async move { ledger.record_evidence(request, call).await })
    });
    let mut proven = 0;
    for one in parallel.collect::<Vec<_>>() {
        proven += usize::from(matches!(one.await.unwrap(), Ok(Standing::Proven)));
    }
    assert_eq!(proven, 1, "the gate opens once");
    assert_eq!(world.waiting(request, WorkKind::Resolve).await.len(), 1);
    world.assert_audit_whole().await;
}

async fn a_call_counts_for_whoever_looked_up_the_number_on_file(world: World) {
    let request = mailed(&world, "hanako@example.jp").await;
    let call = || shown(Method::CallBack, staff(2), EvidenceOutcome::Passed);
    assert_eq!(refused(&world, request, call()).await, EvidenceRefused::NotLookedUp);
    world.ledger.record_seen(request, staff(2), "submission").await.unwrap();
    world.ledger.record_contacts_seen(request, staff(3), 1).await.unwrap();
    assert_eq!(refused(&world, request, call()).await, EvidenceRefused::NotLookedUp, "another looked");
    world.ledger.record_contacts_seen(request, staff(2), 0).await.unwrap();
    assert_eq!(refused(&world, request, call()).await, EvidenceRefused::NoNumberOnFile);
    world.ledger.record_contacts_seen(request, staff(2), 1).await.unwrap();
    world.clock.advance(TimeDelta::hours(25));
    assert_eq!(refused(&world, request, call()).await, EvidenceRefused::NotLookedUp, "a day ago");
    world.ledger.record_contacts_seen(request, staff(2), 1).await.unwrap();
    assert!(matches!(world.ledger.record_evidence(request, call()).await.unwrap(), Standing::Needs { .. }));
    // Whoever was reached may always say that it is not theirs.
    let denied = shown(Method::CallBack, staff(4), EvidenceOutcome::Denied);
    assert_eq!(world.ledger.record_evidence(request, denied).await.unwrap(), Standing::Failed);
}

async fn what_was_shown_of_one_account_proves_nothing_with_another_beside_it(world: World) {
    let request = mailed(&world, "hanako@example.jp").await;
    let call = |by| shown(Method::CallBack, staff(by), EvidenceOutcome::Passed);
    for by in [2, 3] {
        world.ledger.record_contacts_seen(request, staff(by), 1).await.unwrap();
    }
    world.ledger.record_evidence(request, call(2)).await.unwrap();
    let address = EmailAddress::parse("else@example.jp").unwrap();
    let new = challenge(&world, Purpose::OnFile, "hash");
    let (new, ends) = (NewChallenge { link: None, ..new }, start() + TimeDelta::minutes(10));
    let new = NewChallenge { code: Some(("hash".to_owned(), ends)), tries: 5, ..new };
    assert!(world.ledger.challenge_on_file(request, &address, new, 3).await.unwrap());
    let tried = world.ledger.try_code(request, Purpose::OnFile, None).await.unwrap().unwrap();
    assert!(world.ledger.prove(tried.challenge).await.unwrap());
    let left: Vec<Method> =
        world.ledger.identity(request).await.unwrap().evidence.iter().map(|one| one.method).collect();
    assert_eq!(left, [Method::MailLink], "the call was to the number of one of the two");
    assert_eq!(refused(&world, request, call(3)).await, EvidenceRefused::NotLookedUp, "as the look was");
    let signed_in = || shown(Method::SignIn, Actor::Subject, EvidenceOutcome::Passed);
    let judged_before = world.ledger.record_shown(request, signed_in(), 0).await;
    assert!(matches!(judged_before, Err(LedgerError::Evidence(EvidenceRefused::NotAwaited))));
    assert_eq!(world.ledger.record_shown(request, signed_in(), 1).await.unwrap(), Standing::Proven);
    world.assert_audit_whole().await;
}

async fn nobody_is_looked_up_before_they_have_shown_something(world: World) {
    let request = world.accept(demanding("hanako@example.jp")).await;
    let early = world.ledger.to_be_called(request).await;
    assert!(matches!(early, Err(LedgerError::Evidence(EvidenceRefused::MailFirst))), "{early:?}");
    press_link(&world, request).await;
    let open = world.ledger.to_be_called(request).await.unwrap();
    assert_eq!(open.submission.subject.email.as_str(), "hanako@example.jp");
}

async fn a_denial_ends_it(world: World) {
    let request = mailed(&world, "hanako@example.jp").await;
    let denied = shown(Method::CallBack, staff(2), EvidenceOutcome::Denied);
    assert_eq!(world.ledger.record_evidence(request, denied).await.unwrap(), Standing::Failed);
    let signed_in = shown(Method::SignIn, Actor::Subject, EvidenceOutcome::Passed);
    assert_eq!(world.ledger.record_evidence(request, signed_in).await.unwrap(), Standing::Failed);
    assert_eq!(world.view(request).await.state, RequestState::AwaitingVerification);
    assert!(world.events(request).await.contains(&"identity-denied".to_owned()));
}

async fn evidence_and_what_proofs_keep_go_with_the_request(world: World) {
    let request = mailed(&world, "hanako@example.jp").await;
    let secret = Personal::new("2025-07".to_owned());
    let ends = start() + TimeDelta::days(99);
    world.ledger.keep_step(request, Method::RecentDealings, &secret, ends).await.unwrap();
    for table in ["request WHERE evidence IS NOT NULL", "verification_step"] {
        assert_eq!(world.number(&format!("SELECT COUNT(*) AS n FROM {table}")).await, 1, "{table}");
    }
    world.clock.advance(TimeDelta::days(15));
    assert_eq!(world.ledger.lapse_unverified(10).await.unwrap(), 1);
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM verification_step").await, 0);
    assert!(world.view(request).await.mails.iter().any(|mail| mail.kind == "lapsed"));
    purge_closed(&world, start() + TimeDelta::days(30)).await;
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM request WHERE evidence IS NOT NULL").await, 0);
    world.ledger.attempt(request, Attempt::SmsCode, 9).await.unwrap();
    let pruned = world.ledger.prune(start() + TimeDelta::days(30), 10).await.unwrap();
    assert_eq!(pruned.attempts, 1);
}

async fn what_a_proof_keeps_is_kept_once_and_ends(world: World) {
    let request = mailed(&world, "hanako@example.jp").await;
    let keep = |text: &str| Personal::new(text.to_owned());
    let ends = start() + TimeDelta::hours(24);
    for text in ["first", "second"] {
        let kept = world.ledger.keep_step(request, Method::RecentDealings, &keep(text), ends).await.unwrap();
        assert_eq!(kept.expose(), "first");
    }
    assert_eq!(world.ledger.step::<String>(request, Method::SignIn).await.unwrap(), None);
    world.clock.advance(TimeDelta::hours(25));
    assert_eq!(world.ledger.step::<String>(request, Method::RecentDealings).await.unwrap(), None);
    let later = start() + TimeDelta::hours(48);
    let kept = world.ledger.keep_step(request, Method::RecentDealings, &keep("second"), later).await.unwrap();
    assert_eq!(kept.expose(), "second");
    let signed_in = shown(Method::SignIn, Actor::Subject, EvidenceOutcome::Passed);
    world.ledger.record_evidence(request, signed_in).await.unwrap();
    assert_eq!(world.number("SELECT COUNT(*) AS n FROM verification_step").await, 0, "destroyed once proven");
}

async fn attempts_are_counted_per_person_over_all_requests(world: World) {
    let one = world.accept(new_request("hanako@example.jp", &[Right::Access])).await;
    let other = world.accept(new_request("hanako@example.jp", &[Right::Deletion])).await;
    let stranger = world.accept(new_request("taro@example.jp", &[Right::Access])).await;
    let attempts = (0..40).map(|n| {
        let ledger = world.ledger.clone();
        let request = if n % 2 == 0 { one } else { other };
        tokio::spawn(async move { ledger.attempt(request, Attempt::RecentDealings, 3).await.unwrap() })
    });
    let mut allowed = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        allowed += usize::from(attempt.await.unwrap());
    }
    assert!(allowed <= 3, "{allowed} of forty");
    assert!(world.ledger.attempt(stranger, Attempt::RecentDealings, 3).await.unwrap());
    assert!(world.ledger.attempt(one, Attempt::SmsCode, 3).await.unwrap(), "each kind by itself");
    world.clock.advance(TimeDelta::hours(25));
    assert!(world.ledger.attempt(one, Attempt::RecentDealings, 3).await.unwrap());
}

async fn a_code_for_the_telephone_proves_the_telephone_and_no_more(world: World) {
    let request = mailed(&world, "hanako@example.jp").await;
    let code =
        |hash: &str| PhoneCode { hash: hash.to_owned(), ends: start() + TimeDelta::minutes(10), tries: 5 };
    assert!(world.ledger.phone_code(request, code("phone"), 2).await.unwrap());
    assert!(world.ledger.phone_code(request, code("phone"), 2).await.unwrap());
    assert!(!world.ledger.phone_code(request, code("phone"), 2).await.unwrap(), "two a day");
    assert_eq!(world.ledger.try_code(request, Purpose::Download, None).await.unwrap(), None);
    let tried = world.ledger.try_code(request, Purpose::Phone, None).await.unwrap().unwrap();
    assert!(world.ledger.prove(tried.challenge).await.unwrap());
    assert_eq!(world.view(request).await.state, RequestState::Resolving);
    let unmailed = world.accept(demanding("taro@example.jp")).await;
    world.ledger.phone_code(unmailed, code("phone"), 2).await.unwrap();
    let tried = world.ledger.try_code(unmailed, Purpose::Phone, None).await.unwrap().unwrap();
    world.ledger.prove(tried.challenge).await.unwrap();
    assert_eq!(
        world.view(unmailed).await.state,
        RequestState::AwaitingVerification,
        "never without the mail"
    );
}

async fn nothing_is_recorded_once_nothing_waits(world: World) {
    let request = world.resolved(&[Right::Access], &["shop"]).await;
    let call = shown(Method::CallBack, staff(2), EvidenceOutcome::Denied);
    assert_eq!(refused(&world, request, call).await, EvidenceRefused::NotAwaited);
}
