//! HL7 over MLLP.

use futures::future::join_all;

use crate::support::{PRIVATE, World, changed, code, message};

#[tokio::test]
async fn an_admission_opens_one_case_and_says_so_without_a_word_about_the_patient() {
    let (world, service) = World::with_service().await;
    let answer = service.mllp().await.send(&message("a01_admitted_with_need")).await;
    assert_eq!(code(&answer), "CA");
    let case = world.the_case().await;
    assert_eq!(case.concerned().len(), 3);
    assert!(case.identified.is_some() && case.estimate().is_some());
    let events = world.stream("HEMGANG_ADMISSIONS", 1).await;
    assert_eq!(events.len(), 1);
    let said = String::from_utf8(events[0].clone()).unwrap();
    assert!(said.contains("case_opened") && said.contains(&case.case_ref.to_string()));
    for value in PRIVATE {
        assert!(!said.contains(value), "{value}");
    }
    service.stop().await;
}

#[tokio::test]
async fn a_message_sent_again_gets_the_same_answer_and_opens_no_second_case() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    let first = hospital.send(&message("a01_admitted_with_need")).await;
    let again = hospital.send(&message("a01_admitted_with_need")).await;
    let msa = |answer: &str| answer.split('\r').nth(1).unwrap().to_owned();
    assert_eq!(msa(&first), msa(&again));
    assert_eq!(world.counts().await.cases, 1);
    assert_eq!(world.events(1).await.len(), 1);
}

#[tokio::test]
async fn the_same_id_with_another_body_is_another_message_and_flagged() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    hospital.send(&message("a01_admitted_with_need")).await;
    let other = changed("a01_admitted_with_need", &[("V2026-1|", "V2026-2|")]);
    assert_eq!(code(&hospital.send(&other).await), "CA");
    assert_eq!(world.counts().await.cases, 2);
    let flagged: Vec<bool> = sqlx::query_scalar("select flagged from raw_message order by id")
        .fetch_all(&world.database.pool)
        .await
        .unwrap();
    assert_eq!(flagged, [false, true]);
}

#[tokio::test]
async fn an_older_update_does_not_undo_a_newer_one() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    hospital.send(&message("a01_admitted_with_need")).await;
    let update = |id: &str, recorded: &str, estimate: &str| {
        changed(
            "a01_admitted_with_need",
            &[
                ("A01", "A08"),
                ("FALUN-000001", id),
                ("20261117081600", recorded),
                ("|20261120", estimate),
            ],
        )
    };
    hospital.send(&update("U2", "20261118120000", "|20261123")).await;
    hospital.send(&update("U1", "20261118110000", "|20261121")).await;
    let estimate = world.the_case().await.estimate().unwrap();
    assert_eq!(estimate.to_rfc3339(), "2026-11-23T11:00:00+00:00");
}

#[tokio::test]
async fn a_sender_that_nobody_has_registered_is_told_which_field_says_so() {
    let (world, service) = World::with_service().await;
    let unknown = changed("a01_admitted_with_need", &[("|COSMIC|", "|OTHER|")]);
    let mut hospital = service.mllp().await;
    let answer = hospital.send(&unknown).await;
    assert_eq!(code(&answer), "CE");
    assert!(answer.contains("|MSH^1^3^1|204^"), "{answer}");
    hospital.send(&unknown).await;
    let counts = world.counts().await;
    assert_eq!((counts.cases, counts.refused), (0, 1));
}

#[tokio::test]
async fn a_wrong_identity_number_is_a_fault_of_its_field_and_is_not_repeated() {
    let (_world, service) = World::with_service().await;
    let wrong = changed("a01_admitted_with_need", &[("18900101-9802", "18900101-9803")]);
    let answer = service.mllp().await.send(&wrong).await;
    assert_eq!(code(&answer), "CE");
    assert!(answer.contains("PID^1^3^2^1") && !answer.contains("9803"), "{answer}");
}

#[tokio::test]
async fn one_stay_told_to_two_processes_at_once_is_one_case() {
    let (world, service) = World::with_service().await;
    let other = world.serve().await;
    let messages: Vec<Vec<u8>> = (0..16)
        .map(|n| changed("a01_admitted_with_need", &[("FALUN-000001", &format!("F-{n}"))]))
        .collect();
    let sent = messages.iter().zip([&service, &other].into_iter().cycle());
    let answers =
        join_all(sent.map(async |(message, to)| to.mllp().await.send(message).await)).await;
    assert!(answers.iter().all(|answer| code(answer) == "CA"));
    assert_eq!(world.counts().await.cases, 1);
    let kept: i64 =
        sqlx::query_scalar("select count(*) from raw_message where outcome = 'accepted'")
            .fetch_one(&world.database.pool)
            .await
            .unwrap();
    assert_eq!(kept, 16);
}

#[tokio::test]
async fn a_message_that_is_too_long_is_refused_and_its_beginning_kept() {
    let (world, service) = World::with_service().await;
    let mut long = message("a01_admitted_with_need");
    long.extend(std::iter::repeat_n(b'x', 1024 * 1024));
    let answer = service.mllp().await.send(&long).await;
    assert_eq!(code(&answer), "CE");
    assert_eq!(world.counts().await.refused, 1);
}

#[tokio::test]
async fn messages_that_are_not_for_us_are_kept_and_acknowledged() {
    let (world, service) = World::with_service().await;
    let answer = service.mllp().await.send(&message("a04_registered_outpatient")).await;
    assert!(["AA", "CA"].contains(&code(&answer)), "{answer}");
    let outcome: String = sqlx::query_scalar("select outcome from raw_message")
        .fetch_one(&world.database.pool)
        .await
        .unwrap();
    assert_eq!(outcome, "not_used");
}
