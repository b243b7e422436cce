//! Objects in a bucket behave as those in a folder, and a whole request works over one.

use std::time::Duration;

use anyhow::Result;
use habeas_domain::{JobId, Outcome, RequestId, Retry, Right, TypedId};
use habeas_fulfilment::{Bucket, Objects};
use habeas_test_support::{Port, S3Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use uuid::Uuid;

use crate::company::{Company, TARO};

const MIB: usize = 1024 * 1024;

fn bucket(server: &S3Server) -> Bucket {
    let _another_test_did = rustls::crypto::ring::default_provider().install_default();
    Bucket {
        name: server.bucket().to_owned(),
        region: server.region().to_owned(),
        endpoint: Some(server.endpoint()),
        prefix: Some("production".to_owned()),
        key_id: server.key_id().to_owned(),
        key_secret: server.key_secret().to_owned(),
    }
}

/// What every home of objects does alike.
async fn contract(objects: &Objects) -> Result<()> {
    objects.ping().await?;
    objects.write("package/1", b"0123456789".to_vec()).await?;
    assert_eq!(objects.length("package/1").await?, 10);
    assert_eq!(&objects.read("package/1", 3..6).await?[..], b"345");
    objects.write("package/1", b"again".to_vec()).await?;
    assert_eq!(&objects.read("package/1", 0..5).await?[..], b"again", "writing twice replaces");
    let missing = objects.read("package/2", 0..5).await.unwrap_err().to_fault();
    assert_eq!((missing.code.as_str(), missing.retry), ("object-missing", Retry::Never));
    assert_eq!(objects.length("package/2").await.unwrap_err().to_fault().code, "object-missing");

    let pieces: Vec<Vec<u8>> = (0_u8..48).map(|piece| vec![piece; MIB / 4]).collect();
    let mut writer = objects.writer("spool/4/large").await?;
    for piece in &pieces {
        writer.push(piece.clone()).await?;
    }
    writer.close().await?;
    assert_eq!(objects.length("spool/4/large").await?, 12 * MIB as u64);
    let middle = (5 * MIB - 2) as u64;
    assert_eq!(&objects.read("spool/4/large", middle..middle + 4).await?[..], [19, 19, 20, 20]);

    for name in 0..7 {
        objects.write(&format!("spool/4/{name} 名&.bin"), vec![name]).await?;
    }
    objects.write("spool/42/other", vec![1]).await?;
    objects.delete_folder("spool/4/").await?;
    assert!(objects.length("spool/4/large").await.is_err());
    assert!(objects.length("spool/4/6 名&.bin").await.is_err());
    assert_eq!(objects.length("spool/42/other").await?, 1, "a neighbour whose name begins alike stays");
    objects.delete_folder("spool/nobody/").await?;
    let (request, job) = (RequestId::from_uuid(Uuid::from_u128(4)), JobId::from_uuid(Uuid::from_u128(5)));
    let neighbour = JobId::from_uuid(Uuid::from_u128(6));
    for name in [format!("package/{request}/a"), format!("spool/{job}/b"), format!("spool/{neighbour}/c")] {
        objects.write(&name, vec![1]).await?;
    }
    objects.forget_request(request, &[job]).await?;
    assert!(objects.length(&format!("package/{request}/a")).await.is_err());
    assert!(objects.length(&format!("spool/{job}/b")).await.is_err());
    objects.delete(&format!("spool/{neighbour}/c")).await?;
    objects.delete("spool/42/other").await?;
    objects.delete("spool/42/other").await?;
    assert!(objects.length("spool/42/other").await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_folder_keeps_the_contract() -> Result<()> {
    let folder = tempfile::tempdir()?;
    contract(&Objects::in_folder(folder.path())?).await
}

#[tokio::test]
async fn a_bucket_keeps_the_contract_in_signed_calls() -> Result<()> {
    let server = S3Server::start().await?;
    contract(&Objects::in_bucket(&bucket(&server))?).await?;
    let calls = server.calls();
    for call in ["put", "begin parts", "put part", "finish parts", "get range", "look up", "list"] {
        assert!(calls.contains_key(call), "{call}: {calls:?}");
    }
    assert_eq!(calls.get("refused"), None);
    assert_eq!(calls["put part"], 3, "12 MiB in parts of at least 5");
    let left: Vec<String> = server.objects().into_keys().collect();
    assert_eq!(left, ["production/package/1"]);
    assert_eq!(server.open_uploads(), 0);
    Ok(())
}

#[tokio::test]
async fn an_object_in_parts_is_not_there_before_it_is_whole() -> Result<()> {
    let server = S3Server::start().await?;
    let objects = Objects::in_bucket(&bucket(&server))?;
    let mut writer = objects.writer("spool/1/large").await?;
    for _ in 0..12 {
        writer.push(vec![1; MIB]).await?;
    }
    assert_eq!((server.open_uploads(), server.objects().len()), (1, 0));
    writer.close().await?;
    assert_eq!((server.open_uploads(), server.objects().len()), (0, 1));
    Ok(())
}

#[tokio::test]
async fn a_wrong_key_is_refused_for_good_and_told_without_the_secret() -> Result<()> {
    let server = S3Server::start().await?;
    let thief = Bucket { key_secret: "a-guessed-secret".to_owned(), ..bucket(&server) };
    assert!(!format!("{thief:?}").contains("guessed"));
    let error = Objects::in_bucket(&thief)?.write("package/1", vec![1]).await.unwrap_err();
    let fault = error.to_fault();
    assert_eq!((fault.code.as_str(), fault.retry), ("object-refused", Retry::Never));
    assert!(!format!("{error:?} {error} {fault}").contains("guessed"));
    assert_eq!(server.objects().len(), 0);
    Ok(())
}

#[tokio::test]
async fn a_bucket_that_is_away_is_tried_again_later() -> Result<()> {
    let server = S3Server::start().await?;
    let nobody = Port::reserve()?;
    let away = Bucket { endpoint: Some(format!("http://{}", nobody.address())), ..bucket(&server) };
    let objects = Objects::in_bucket(&away)?;
    let tried = tokio::time::timeout(Duration::from_mins(1), objects.write("package/1", vec![1])).await;
    let fault = tried.expect("it gives up").unwrap_err().to_fault();
    assert_eq!((fault.code.as_str(), fault.retry), ("object-unavailable", Retry::Later));
    Ok(())
}

/// A service that sends whoever calls it to another, as a service that was taken over would.
async fn sending_on(status: &'static str, to: String) -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut call, _)) = listener.accept().await {
            let reply = format!(
                "HTTP/1.1 {status}\r\nlocation: {to}/habeas/production/package/1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            let mut asked = vec![0_u8; 16 * 1024];
            let _ = call.read(&mut asked).await;
            let _ = call.write_all(reply.as_bytes()).await;
        }
    });
    Ok(endpoint)
}

#[tokio::test]
async fn a_bucket_that_sends_us_elsewhere_is_not_followed_and_told() -> Result<()> {
    let server = S3Server::start().await?;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let endpoint = sending_on(status, server.endpoint()).await?;
        let objects = Objects::in_bucket(&Bucket { endpoint: Some(endpoint), ..bucket(&server) })?;
        let failed = [
            objects.write("package/1", vec![1]).await.unwrap_err(),
            objects.read("package/1", 0..1).await.unwrap_err(),
            objects.length("package/1").await.unwrap_err(),
            objects.delete("package/1").await.unwrap_err(),
        ];
        for error in failed {
            let fault = error.to_fault();
            assert_eq!(
                (fault.code.as_str(), fault.retry),
                ("object-refused", Retry::Never),
                "{status}: {fault}"
            );
            assert!(fault.detail.contains("objects.endpoint"), "{fault}");
        }
    }
    assert!(server.calls().is_empty() && server.objects().is_empty(), "nobody called: {:?}", server.calls());
    Ok(())
}

#[tokio::test]
async fn a_package_is_made_and_read_over_a_bucket() -> Result<()> {
    let server = S3Server::start().await?;
    let mut company = Company::with_taro().await?;
    company.fulfilment.objects = Objects::in_bucket(&bucket(&server))?;
    company.start();
    let request = company.submit(TARO, &[Right::Access], &[]).await?;
    let view = company.closed(request).await?;
    company.stop().await?;
    assert_eq!(view.outcome, Some(Outcome::Done));
    let package = company.package(request, Right::Access).await?;
    assert_eq!(package.verified.content.rows, 14);
    let objects = server.objects();
    let names: Vec<&String> = objects.keys().collect();
    assert_eq!(names.len(), 1, "the package; spools are of no use any more: {names:?}");
    assert!(names[0].starts_with("production/package/"), "{names:?}");
    for (name, bytes) in &objects {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("taro") && !text.contains("山田"), "{name} is sealed");
    }
    Ok(())
}
