//! Odd and broken messages at the edge: each is answered by field, kept, and costs nobody else.

use test_support::{SOON, eventually};

use crate::support::{PRIVATE, World, changed, code, framed, message};

/// The text of a message with these line ends, in these letters.
fn written(end: &str, charset: &str, latin: bool, id: &str) -> Vec<u8> {
    let visit = format!("|{id}|");
    let text = changed(
        "a01_admitted_with_need",
        &[("UNICODE UTF-8", charset), ("FALUN-000001", id), ("|V2026-1|", &visit)],
    );
    let text = String::from_utf8(text).unwrap().replace("\r\n", "\n").replace('\r', "\n");
    let text = text.replace('\n', end);
    if latin {
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
    } else {
        text.into()
    }
}

#[tokio::test]
async fn every_line_end_and_every_declared_set_names_the_same_patient() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    let mut n = 0;
    for end in ["\r", "\n", "\r\n", "\n\r", "\r\r\n"] {
        for (charset, latin) in [
            ("UNICODE UTF-8", false),
            ("", false),
            ("", true),
            ("8859/1", true),
            ("8859/15", true),
            ("ASCII", true),
        ] {
            n += 1;
            let answer = hospital.send(&written(end, charset, latin, &format!("V-{n}"))).await;
            assert!(
                code(&answer) == "CA" && !answer.contains("\rERR|"),
                "{end:?} {charset} {answer}"
            );
        }
    }
    let names: Vec<(String, i64)> =
        sqlx::query_as("select name, count(*) from patient group by name")
            .fetch_all(&world.database.pool)
            .await
            .unwrap();
    assert_eq!(names, [("Åsa Märta Tolvansson".to_owned(), n)]);
}

#[tokio::test]
async fn a_set_that_nobody_knows_is_taken_with_a_warning_that_names_msh_18() {
    let (world, service) = World::with_service().await;
    let answer = service.mllp().await.send(&written("\r", "KLINGON", true, "V-1")).await;
    assert_eq!(code(&answer), "CA");
    assert!(answer.contains("ERR||MSH^1^18^1|103^Table value not found^HL70357|W|"), "{answer}");
    assert!(!answer.contains("KLINGON"));
    assert_eq!(world.counts().await.cases, 1);
}

#[tokio::test]
async fn what_a_message_lacks_is_named_and_its_values_are_not() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    let text = String::from_utf8(message("a01_admitted_with_need")).unwrap().replace('\n', "\r");
    let without = |segment: &str| -> String {
        let kept = text.split('\r').filter(|line| !line.starts_with(segment));
        kept.collect::<Vec<_>>().join("\r")
    };
    let broken = [
        (without("PID"), "|PID^1|100^"),
        (without("PV1"), "|PV1^1|100^"),
        (text.replace("|V2026-1|", "||"), "|PV1^1^19^1|101^"),
        (text.replace("|V2026-1|", "|\"\"|"), "|PV1^1^19^1|101^"),
        (text.replace("|1|I|MED1^12^2^FALUN|", "|1|I||"), "|PV1^1^3^1|101^"),
        (text.replace("20261117081000\r", "20261317081000\r"), "|PV1^1^44^1|102^"),
        (text.replace("18900101-9802", "18900101-9803"), "|PID^1^3^2^1|102^"),
        (text.replace("|P|2.5.1", "|T|2.5.1"), "|MSH^1^11^1|202^"),
        (text.replace("|P|2.5.1", "|P|3.0"), "|MSH^1^12^1|203^"),
        (text.replace("ADT^A01^ADT_A01", "ADT^A1"), "|MSH^1^9^1^2|201^"),
        (format!("{text}PID|1||x\r"), "|PID^2|100^"),
        (format!("{text}PV1|1|I\r"), "|PV1^2|100^"),
        (format!("{text}MSH|^~\\&|A\r"), "|MSH^2|100^"),
    ];
    for (n, (text, place)) in broken.iter().enumerate() {
        let text = text.replace("FALUN-000001", &format!("F-{n}"));
        let answer = hospital.send(text.as_bytes()).await;
        assert!(
            ["CE", "CR"].contains(&code(&answer)) && answer.contains(place),
            "{place}: {answer}"
        );
        let own = answer.replace("|FALUN|", "||");
        assert!(PRIVATE.iter().all(|value| !own.contains(value)), "{answer}");
    }
    let counts = world.counts().await;
    assert_eq!((counts.cases, usize::try_from(counts.refused).unwrap()), (0, broken.len()));
    assert_eq!(code(&hospital.send(&message("a01_admitted_with_need")).await), "CA");
}

#[tokio::test]
async fn an_event_code_that_contradicts_the_type_is_a_warning_and_the_type_counts() {
    let (world, service) = World::with_service().await;
    let odd = changed("a01_admitted_with_need", &[("EVN|A01|", "EVN|A03|")]);
    let answer = service.mllp().await.send(&odd).await;
    assert!(code(&answer) == "CA" && answer.contains("|EVN^1^1^1|199^"), "{answer}");
    assert!(world.the_case().await.discharge().is_none());
}

#[tokio::test]
async fn a_time_that_is_far_ahead_counts_as_now_and_does_not_make_later_news_old() {
    let (world, service) = World::with_service().await;
    let mut hospital = service.mllp().await;
    let ahead = changed("a01_admitted_with_need", &[("20261117081600", "20621117081600")]);
    assert_eq!(code(&hospital.send(&ahead).await), "CA");
    let update = [
        ("ADT^A01^ADT_A01", "ADT^A08"),
        ("FALUN-000001", "U1"),
        ("20261117081600", "20261124090100"),
        ("|20261120", "|20261123"),
    ];
    hospital.send(&changed("a01_admitted_with_need", &update)).await;
    let case = world.the_case().await;
    assert_eq!(case.estimate().unwrap().to_rfc3339(), "2026-11-23T11:00:00+00:00");
}

#[tokio::test]
async fn framing_bytes_inside_half_frames_and_two_frames_in_one_packet_mix_no_messages() {
    let (world, service) = World::with_service().await;
    let one = |id: &str| {
        let visit = format!("|{id}|");
        changed("a01_admitted_with_need", &[("FALUN-000001", id), ("|V2026-1|", &visit)])
    };
    let mut hospital = service.mllp().await;
    let half = &framed(&one("half"))[..200];
    hospital.write(&[half, &framed(&one("V-1")), &framed(&one("V-2"))].concat()).await;
    for id in ["V-1", "V-2"] {
        let answer = hospital.answer().await.unwrap();
        assert!(answer.contains(&format!("MSA|CA|{id}|")), "{answer}");
    }
    // The end byte inside a message is a letter of it where no CR follows.
    let inside = String::from_utf8(one("V-3")).unwrap().replace("ZHG|1|KHS", "ZHG|1|KHS\u{1c}");
    let answer = hospital.send(inside.as_bytes()).await;
    assert!(answer.contains("MSA|CE|V-3|") && answer.contains("ZHG^1^2^1^1|103"), "{answer}");
    // A message cut by its end is refused; what follows it is skipped up to the next beginning.
    let cut = [b"\x0b", &one("V-4")[..300], b"\x1c\r", b"rest\r", &framed(&one("V-5"))].concat();
    hospital.write(&cut).await;
    assert_eq!(code(&hospital.answer().await.unwrap()), "CE");
    assert!(hospital.answer().await.unwrap().contains("MSA|CA|V-5|"));
    let mut gone = service.mllp().await;
    gone.write(half).await;
    drop(gone);
    assert_eq!(world.counts().await.cases, 3);
}

#[tokio::test]
async fn a_message_without_end_is_refused_once_it_is_too_long_and_the_next_sender_is_heard() {
    let (world, service) = World::with_service().await;
    let mut endless = service.mllp().await;
    endless.write(b"\x0b").await;
    endless.write(&message("a01_admitted_with_need")).await;
    let chunk = vec![b'x'; 600 * 1024];
    endless.write(&chunk).await;
    endless.write(&chunk).await;
    let answer = endless.answer().await.unwrap();
    assert!(code(&answer) == "CE" && answer.contains("|MSH^1|102^"), "{answer}");
    assert_eq!(endless.answer().await, None);
    let answer = service.mllp().await.send(&message("a01_admitted_with_need")).await;
    assert_eq!(code(&answer), "CA");
    eventually("the beginning is kept", SOON, async || match world.counts().await.refused {
        1 => Ok(()),
        other => Err(other),
    })
    .await;
}
