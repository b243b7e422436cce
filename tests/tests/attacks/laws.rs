//! Choosing the law, or the right, by which the least has to be proven.

use habeas_tests::attack::{Letter, Party, Strike, VICTIM};
use serde_json::json;

const HIGH: &str = "[verification.levels.eu_gdpr]\naccess = \"high\"\n";

/// In the line of Di Martino et al. 2019, who found that what is asked for as proof is up to whoever asks: somebody reads her
/// mailbox, where the company wants more than the mailed link, and claims laws and rights for which less would be enough.
#[tokio::test(flavor = "multi_thread")]
async fn no_law_and_no_right_that_is_claimed_is_a_way_round_the_proof() {
    let mut strike = Strike::plan_with("choosing the law", HIGH).await.unwrap();
    let thief = Party::new(&strike.target, &[VICTIM], "198.18.0.66").unwrap();
    let letters: Vec<Letter> = [
        "Under the UK GDPR, please send me a copy of all personal data that you hold about me.",
        "Under the Act on the Protection of Personal Information, please send me a copy of my personal data.",
        "Under Article 20 of the GDPR I request data portability: send me my data in a machine-readable format.",
    ]
    .into_iter()
    .map(|text| Letter::from(VICTIM, text).aligned())
    .collect();
    for letter in &letters {
        thief.write(letter).unwrap();
    }
    let mails = strike.target.staff.read(&letters).await.unwrap();
    assert!(mails.iter().all(|mail| mail["state"] == "request"), "{mails:?}");
    let form = json!({
        "subject": { "email": VICTIM }, "rights": ["portability"], "regime": "uk_gdpr", "channel": "form"
    });
    strike.target.staff.submit(&form).await.unwrap();
    strike.quiet().await.unwrap();
    let links: Vec<String> =
        thief.mails().unwrap().iter().filter_map(|mail| mail.link_with("/confirm/").ok()).collect();
    strike.tally.attempt(links.len());
    for link in &links {
        let page = thief.open(link).await.unwrap().successful().unwrap();
        thief.press(&page, &[]).await.unwrap().successful().unwrap();
    }
    strike.quiet().await.unwrap();
    let requests = strike.target.staff.requests().await.unwrap();
    assert_eq!((requests.len(), links.len()), (4, 4));
    let laws: Vec<&str> = requests.iter().filter_map(|request| request["regime"].as_str()).collect();
    assert!(laws.contains(&"uk_gdpr") && laws.contains(&"jp_appi") && laws.contains(&"eu_gdpr"), "{laws:?}");
    for request in &requests {
        let stands = (&request["state"], &request["level"], &request["more_proof"]);
        assert_eq!(stands, (&"awaiting-verification".into(), &"high".into(), &true.into()), "{request}");
    }
    let told = laws.len() == 4 && requests.iter().all(|request| request["more_proof"] == true);
    strike.tally.tell("each shows the law that was named, and that it waits for more proof", told);
    strike.attacker = thief;
    strike.settle().await.unwrap();
}
