//! What a copy leaves out because it is about somebody else, and why.

use habeas_domain::{Bilingual, RegimeId, Right};
use habeas_ledger::OpenRequest;
use habeas_package::Withheld;
use habeas_registry::CopyPlan;

use crate::{Fulfilment, Segment};

/// The grounds on which a law lets a copy leave out what would harm somebody else, as the regimes call them.
const GROUNDS: [&str; 2] = ["rights-of-others", "harm-to-persons"];

impl Fulfilment {
    /// What the copy of one store leaves out, field by field.
    pub(crate) fn withheld(
        &self,
        request: &OpenRequest,
        right: Right,
        (plan, segments): (&CopyPlan, &[Segment]),
    ) -> Vec<Withheld> {
        let reason = self.why(request, right);
        let of_segment = |segment: &Segment| {
            let known = plan.collections.iter().find(|one| one.collection == segment.collection);
            let mut all = Vec::with_capacity(segment.withheld.len());
            for (name, rows) in &segment.withheld {
                let field = known.and_then(|known| known.fields.iter().find(|field| field.field == *name));
                if let Some((known, field)) = known.zip(field) {
                    let what = within(&known.title, &field.title);
                    all.push(Withheld { what, reason: reason.clone(), until: None, rows: *rows });
                }
            }
            all
        };
        segments.iter().flat_map(of_segment).collect()
    }

    /// The law is cited where the request's regime names a ground.
    fn why(&self, request: &OpenRequest, right: Right) -> Bilingual {
        let regime = RegimeId::new(request.regime.clone()).ok().and_then(|id| self.regimes.get(&id));
        let ground = regime.and_then(|regime| GROUNDS.iter().find_map(|code| regime.refusal(code, right)));
        let (en, ja) = ground.map_or_else(Default::default, |ground| {
            (format!(" ({})", ground.article), format!("（{}）", ground.article))
        });
        Bilingual {
            en: format!(
                "It is about another person in the same record. Your copy must not affect the rights of others{en}."
            ),
            ja: format!(
                "同じ記録に含まれる、ほかの方に関する情報です。お渡しする写しによって、ほかの方の権利を害することはできません{ja}。"
            ),
        }
    }
}

fn within(collection: &Bilingual, field: &Bilingual) -> Bilingual {
    Bilingual {
        en: format!("{}: {}", collection.en, field.en),
        ja: format!("{}：{}", collection.ja, field.ja),
    }
}
