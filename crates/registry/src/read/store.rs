//! `[store]`.

use std::time::Duration;

use habeas_domain::{Bilingual, StoreName};

use super::{Report, bilingual, entry::Entry, role, section::Section};
use crate::{Controller, Driver, Limits, StoreUrl};

/// What `[store]` says.
pub(crate) struct Settings {
    pub(crate) name: StoreName,
    pub(crate) driver: Driver,
    pub(crate) url: StoreUrl,
    pub(crate) product: String,
    pub(crate) title: Bilingual,
    pub(crate) controller: Option<Controller>,
    pub(crate) limits: Limits,
}

pub(crate) fn settings(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<Settings> {
    let mut section = entry.section(report, "a table that begins with [store]")?;
    report.remember("store", section.offset());
    let name = section.required("name", report).and_then(|entry| entry.name(report));
    let driver = section
        .required("driver", report)
        .and_then(|entry| entry.choice(report, &Driver::ALL, Driver::as_str));
    let url = section.required("url", report).and_then(|entry| {
        entry.remember(report);
        url(&entry, report)
    });
    let product = section.required("product", report).and_then(|entry| entry.text(report));
    let title = section.optional("title").and_then(|entry| bilingual::read(&entry, report));
    let controller = role::controller(&mut section, report);
    let limits = limits(&mut section, report);
    section.finish(report);
    let product = product?;
    let title = title.unwrap_or_else(|| bilingual::same(product));
    let product = product.to_owned();
    Some(Settings { name: name?, driver: driver?, url: url?, product, title, controller, limits })
}

fn url(entry: &Entry<'_, '_>, report: &mut Report<'_>) -> Option<StoreUrl> {
    if entry.as_text().is_some() {
        return entry.text(report).map(|url| StoreUrl::Literal(url.to_owned()));
    }
    let mut section = entry.section(report, "a text, { env = \"NAME\" } or { file = \"path\" }")?;
    let env = section.optional("env").map(|entry| entry.text(report).map(str::to_owned));
    let file = section.optional("file").map(|entry| entry.text(report).map(str::to_owned));
    section.finish(report);
    match (env, file) {
        (Some(env), None) => env.map(StoreUrl::Env),
        (None, Some(file)) => file.map(|file| StoreUrl::File(file.into())),
        _ => {
            entry.problem(
                report,
                "should name one source",
                "write either { env = \"NAME\" } or { file = \"path\" }",
            );
            None
        }
    }
}

fn limits(section: &mut Section<'_, '_>, report: &mut Report<'_>) -> Limits {
    let mut number = |name, most: u32| section.optional(name)?.number(report, &(1..=most));
    let default = Limits::default();
    let size = |number: Option<u32>, default| number.and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
    Limits {
        concurrency: size(number("concurrency", 256), default.concurrency),
        rate_per_second: number("rate_per_second", 1_000_000),
        group_size: size(number("group_size", 10_000), default.group_size),
        timeout: number("timeout_seconds", 3_600)
            .map_or(default.timeout, |seconds| Duration::from_secs(seconds.into())),
    }
}
