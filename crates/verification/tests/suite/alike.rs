//! What an answer costs, in statements, hashes of codes and questions to the stores: the same for a person whom the stores know and
//! for one whom they do not. Counted, since a clock in a test proves little; what still differs stands here by name, and is
//! behind the pace that every answer keeps.

use std::sync::atomic::Ordering;

use anyhow::Result;
use habeas_domain::{Personal, verification::Method};
use habeas_vault::Code;
use habeas_verification::methods::HandedIn;

use crate::{
    another::name_here,
    bed::Bed,
    both_states::on_both_states,
    step::{KNOWN, Step, UNKNOWN, wrong},
};

on_both_states!(
    a_page_costs_the_same_for_everybody,
    a_proof_costs_the_same_for_everybody,
    naming_something_costs_the_same_wherever_it_leads,
    a_made_up_code_costs_a_hash_whether_or_not_there_is_one,
);

/// What something cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    statements: usize,
    hashes: u64,
    looks: usize,
}

async fn cost<T, E>(step: &Step, of: impl Future<Output = Result<T, E>>) -> Result<Cost>
where
    anyhow::Error: From<E>,
{
    let now = || Cost {
        statements: step.bed.statements.load(Ordering::Relaxed),
        hashes: step.bed.ledger.vault().codes_hashed(),
        looks: step.looks.load(Ordering::Relaxed),
    };
    let before = now();
    of.await?;
    let after = now();
    Ok(Cost {
        statements: after.statements - before.statements,
        hashes: after.hashes - before.hashes,
        looks: after.looks - before.looks,
    })
}

/// Looking at any page, before and after something was ordered there.
async fn a_page_costs_the_same_for_everybody(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let mut seen = Vec::new();
    for email in [KNOWN, UNKNOWN] {
        let (_, token) = step.confirmed(email).await?;
        let mut costs = Vec::new();
        for method in [None, Some(Method::SmsCode), Some(Method::RecentDealings)] {
            if let Some(method) = method {
                step.desk.begin(&token, method).await?;
            }
            costs.push(cost(&step, step.desk.second_step(&token)).await?);
            for page in [Method::SmsCode, Method::RecentDealings, Method::SignIn] {
                costs.push(cost(&step, step.desk.offered(&token, page)).await?);
            }
            costs.push(cost(&step, step.desk.another(&token)).await?);
        }
        assert!(
            costs.iter().all(|cost| (cost.hashes, cost.looks) == (0, 0)),
            "a page asks nobody: {costs:?}"
        );
        seen.push(costs);
    }
    assert_eq!(seen[0], seen[1]);
    Ok(())
}

/// Ordering questions or a code, and handing in what is wrong.
async fn a_proof_costs_the_same_for_everybody(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let mut seen = Vec::new();
    for email in [KNOWN, UNKNOWN] {
        let (_, token) = step.confirmed(email).await?;
        let begin = async |method| cost(&step, step.desk.begin(&token, method)).await;
        let (questions, text) = (begin(Method::RecentDealings).await?, begin(Method::SmsCode).await?);
        let answers = cost(&step, step.answer_again(&token, &wrong)).await?;
        let code = HandedIn::Code(Code::parse("12345678")?);
        let code = cost(&step, step.desk.show(&token, Method::SmsCode, code)).await?;
        seen.push([questions, answers, text, code]);
    }
    let [known, unknown] = &seen[..] else { unreachable!() };
    for (one, other) in known.iter().zip(unknown) {
        assert_eq!((one.hashes, one.looks), (other.hashes, other.looks), "{known:?} {unknown:?}");
    }
    assert_eq!(known[..2], unknown[..2], "questions and answers");
    let [.., text, code] = known.map(|cost| cost.statements);
    let [.., no_text, no_code] = unknown.map(|cost| cost.statements);
    // Where a number is on file its code is stored, and a try of it is counted: what the pace hides, and nothing else does.
    assert_eq!((text - no_text, code - no_code), (5, 1), "{known:?} {unknown:?}");
    Ok(())
}

/// The page orders a look-up and asks no store itself, whatever is named.
async fn naming_something_costs_the_same_wherever_it_leads(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let mut seen = Vec::new();
    for named in ["C-1", "C-9"] {
        let (_, token) = step.confirmed(UNKNOWN).await?;
        seen.push(cost(&step, step.desk.name_another(&token, &Personal::new(named.to_owned()))).await?);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!((seen[0].hashes, seen[0].looks), (0, 0));
    Ok(())
}

/// Typing the code of an address on file: with one that was sent and with none.
async fn a_made_up_code_costs_a_hash_whether_or_not_there_is_one(bed: Bed) -> Result<()> {
    let step = Step::new(bed);
    let (mut seen, mut sent) = (Vec::new(), 0);
    for named in ["C-1", "C-9"] {
        let (_, token) = step.confirmed(UNKNOWN).await?;
        name_here(&step, &token, named).await?;
        sent += step.bed.on_file_codes().await?.len();
        let typed = cost(&step, step.desk.try_on_file(&token, "12345678")).await?;
        assert_eq!((typed.hashes, typed.looks), (1, 0), "{named}");
        seen.push(typed);
    }
    assert_eq!(sent, 1, "one of the two leads somewhere");
    assert_eq!(
        seen[0].statements,
        seen[1].statements + 1,
        "a try is counted: behind the pace, like the rest"
    );
    Ok(())
}
