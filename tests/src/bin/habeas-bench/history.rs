//! Closed requests in the state database: as the work on them leaves them once their keys are destroyed. Each has its job, its
//! seven pieces of finished work, its task's report, three mails and fourteen audit entries; every other one is a copy with its
//! package, the others are deletions with their receipts. Links, codes and messages of their time have been pruned.

use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, PgPool};

/// A version 7 UUID of an old moment, different for every (`$n`, `what`).
const ID: &str =
    "(lpad(to_hex(1700000000000 + g), 12, '0') || '7' || substr(md5('{what}' || g), 1, 19))::uuid";
/// Microseconds since 1970, some 400 days ago and later.
const AT: &str = "((extract(epoch FROM now())::bigint - 34560000) * 1000000 + g)";

/// Table, columns, values; `r`, `j` and `m` stand for the ids of request, job and mail, `at` for the moment.
const ROWS: [(&str, &str, &str); 8] = [
    (
        "request",
        "id, reference, state, outcome, regime, language, channel, submitted_by, subject_lookup, fingerprint,
         received_at, verified_at, due_on, due_at, lapse_at, jobs_open, closed_at",
        "r, 'HB-' || g, 'closed', 'done', 'eu_gdpr', 'en', 'queue', 'system', decode(md5('s' || g) || md5('t' || g), 'hex'),
         decode(md5('f' || g) || md5('p' || g), 'hex'), at, at, '2025-01-01', at, at, 0, at FROM one",
    ),
    (
        "job",
        "id, request_id, \"right\", state, outcome, policy, plan_hash, started_at, ended_at",
        "j, r, CASE g % 2 WHEN 0 THEN 'access' ELSE 'deletion' END, 'ended', 'done', 'automatic', decode(md5('h' || g) || md5('i' || g), 'hex'), at, at FROM one",
    ),
    (
        "mail",
        "id, request_id, job_id, kind, dedupe, state, created_at, sent_at",
        "md5(kind || g)::uuid, r, CASE kind WHEN 'job-done' THEN j END, kind, kind || '/' || r, 'sent', at, at
         FROM one, unnest(ARRAY['received', 'verify', 'job-done']) kind",
    ),
    (
        "work",
        "id, kind, queue, request_id, job_id, target_id, store, state, attempts, next_attempt_at, lease_epoch,
         created_at, finished_at",
        "md5('work' || n || g)::uuid, kind, 'habeas.' || kind, r, CASE WHEN n > 2 THEN j END, md5('target' || n || g)::uuid,
         CASE kind WHEN 'task' THEN 'shop' ELSE '' END, 'done', 1, 0, 1, at, at
         FROM one, unnest(ARRAY['challenge', 'resolve', 'task', 'conclude', 'mail', 'mail', 'mail'])
         WITH ORDINALITY AS kinds (kind, n)",
    ),
    (
        "task_report",
        "work_id, job_id, store, rows_done, report, object",
        "md5('work3' || g)::uuid, j, 'shop', 30, convert_to('{\"kind\":\"history\"}', 'UTF8'), NULL FROM one",
    ),
    (
        "package",
        "id, request_id, job_id, object, sha256, bytes, rows_held, token_hash, expires_at, downloads_left, created_at",
        "md5('package' || g)::uuid, r, j, 'package/' || r, decode(md5('z' || g) || md5('i' || g), 'hex'), 24000, 30, NULL, at, 0,
         at FROM one WHERE g % 2 = 0",
    ),
    (
        "receipt",
        "id, request_id, job_id, body, key_id, signature, created_at",
        "md5('receipt' || g)::uuid, r, j, repeat('counts and proofs ', 60), 'history', decode(md5('x' || g) || md5('y' || g), 'hex'),
         at FROM one WHERE g % 2 = 1",
    ),
    (
        "audit",
        "request_id, seq, at, actor, event, detail, previous, hash",
        "r, seq, at, 'system', 'job-moved', '{\"job\":\"' || j || '\",\"right\":\"access\",\"state\":\"running\",\"outcome\":null}',
         decode(md5('a' || seq || g) || md5('b' || g), 'hex'), decode(md5('c' || seq || g) || md5('d' || g), 'hex')
         FROM one, generate_series(1, 14) seq",
    ),
];

/// Puts that many closed requests with their jobs, work, mails and audit entries into the state database.
pub(crate) async fn fill(state: &PgPool, requests: u32) -> Result<()> {
    for (table, columns, values) in ROWS {
        let (request, job) = (ID.replace("{what}", "request"), ID.replace("{what}", "job"));
        let sql = format!(
            "WITH one AS (SELECT g, {request} AS r, {job} AS j, {AT} AS at FROM generate_series(1, {requests}) g)
             INSERT INTO {table} ({columns}) SELECT {values}"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(state).await.with_context(|| format!("filling {table}"))?;
    }
    sqlx::raw_sql("VACUUM ANALYZE").execute(state).await?;
    // What has just been put in is written out now: a history has lain on the disk for long, and its writing is not what is measured.
    sqlx::raw_sql("CHECKPOINT").execute(state).await?;
    Ok(())
}
