//! Acknowledgement modes over a connection.

use crate::support::{World, changed, code, framed};

fn asking(asked: &str, id: &str, visit: &str) -> Vec<u8> {
    let visit = format!("|{visit}|");
    changed(
        "a01_admitted_with_need",
        &[("|AL|NE|", asked), ("FALUN-000001", id), ("|V2026-1|", &visit)],
    )
}

#[tokio::test]
async fn a_sender_gets_both_answers_where_it_asks_for_both() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    hospital.write(&framed(&asking("|AL|AL|", "M1", "V-1"))).await;
    hospital.write(&framed(&asking("|AL|AL|", "M2", ""))).await;
    let mut said = Vec::new();
    for _ in 0..4 {
        let answer = hospital.answer().await.unwrap();
        let id = answer.split("\rMSA|").nth(1).unwrap()[3..5].to_owned();
        said.push((code(&answer).to_owned(), id, answer.contains("\rERR|")));
    }
    let expected =
        [("CA", "M1", false), ("AA", "M1", false), ("CA", "M2", false), ("AE", "M2", true)];
    assert_eq!(said, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c)));
    assert_eq!(world.counts().await.cases, 1);
}

#[tokio::test]
async fn a_sender_that_wants_no_answer_or_only_bad_news_gets_no_other_and_is_heard_all_the_same() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    hospital.write(&framed(&asking("|NE|NE|", "M1", "V-1"))).await;
    hospital.write(&framed(&asking("|ER|NE|", "M2", "V-2"))).await;
    hospital.write(&framed(&asking("|ER|NE|", "M3", ""))).await;
    let answer = hospital.answer().await.unwrap();
    assert!(code(&answer) == "CE" && answer.contains("MSA|CE|M3|"), "{answer}");
    let counts = world.counts().await;
    assert_eq!((counts.cases, counts.refused), (2, 1));
}

#[tokio::test]
async fn an_acknowledgement_that_is_sent_to_us_is_kept_and_not_acknowledged() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    let ack = "MSH|^~\\&|COSMIC|FALUN|||20261117||ACK^A01|K1|P|2.5.1\rMSA|AA|1\r";
    hospital.write(&framed(ack.as_bytes())).await;
    let answer = hospital.send(&asking("|AL|NE|", "M1", "V-1")).await;
    assert!(answer.contains("MSA|CA|M1|"), "{answer}");
    let kept: Vec<String> = sqlx::query_scalar("select outcome from raw_message order by id")
        .fetch_all(&world.database.pool)
        .await
        .unwrap();
    assert_eq!(kept, ["not_used", "accepted"]);
}
