//! The few documents that the protocol exchanges.

use super::state::State;

/// Names per page; S3 may give fewer than were asked for.
const PAGE: usize = 3;

pub(super) fn error(code: &str) -> String {
    format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>")
}

pub(super) fn upload(bucket: &str, name: &str, id: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><InitiateMultipartUploadResult><Bucket>{bucket}</Bucket><Key>{}</Key>\
         <UploadId>{id}</UploadId></InitiateMultipartUploadResult>",
        escape(name)
    )
}

pub(super) fn finished(bucket: &str, name: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><CompleteMultipartUploadResult><Bucket>{bucket}</Bucket><Key>{}</Key>\
         <ETag>\"whole\"</ETag></CompleteMultipartUploadResult>",
        escape(name)
    )
}

/// A page of names behind `after`.
pub(super) fn page(state: &State, prefix: &str, after: &str, asked: usize) -> String {
    let (names, more) = state.list(prefix, after, asked.min(PAGE));
    let next = names
        .last()
        .filter(|_| more)
        .map(|(name, _)| format!("<NextContinuationToken>{}</NextContinuationToken>", escape(name)));
    let contents: Vec<String> = names
        .iter()
        .map(|(name, size)| {
            format!(
                "<Contents><Key>{}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
                 <ETag>\"etag\"</ETag><Size>{size}</Size></Contents>",
                escape(name)
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>{more}</IsTruncated>{}{contents}</ListBucketResult>",
        next.unwrap_or_default(),
        contents = contents.concat(),
    )
}

/// The names in a request to delete many.
pub(super) fn names(body: &str) -> Vec<String> {
    let keys = body.split("<Key>").skip(1);
    keys.filter_map(|rest| rest.split_once("</Key>")).map(|(name, _)| unescape(name)).collect()
}

pub(super) fn deleted(names: &[String]) -> String {
    let deleted: Vec<String> =
        names.iter().map(|name| format!("<Deleted><Key>{}</Key></Deleted>", escape(name))).collect();
    format!("<?xml version=\"1.0\"?><DeleteResult>{}</DeleteResult>", deleted.concat())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
