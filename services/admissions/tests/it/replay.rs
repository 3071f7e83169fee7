//! What was refused for a fault of our own settings gives the case once they are mended, and once.

use contracts::commands::{ListRefused, ReplayMessage};

use crate::support::{World, actor, code, message, senders};

#[tokio::test]
async fn what_a_missing_line_in_the_senders_file_refused_is_found_replayed_and_gives_one_case() {
    let wrong = [
        ("application = \"COSMIC\"", "application = \"KOSMIC\"", "MSH-3"),
        ("\"SOC\" = [\"social_services\"]", "", "ZHG-2"),
        ("token = \"falun\"", "token = \"falun\"\nprocessing_ids = [\"T\"]", "MSH-11"),
    ];
    for (right, wrong, place) in wrong {
        let world = World::start().await;
        assert!(senders().contains(right), "{right}");
        world.register(&senders().replacen(right, wrong, 1));
        let service = world.serve().await;
        let sent = message("a01_admitted_with_need");
        let answer = service.mllp().await.send(&sent).await;
        assert!(["CE", "CR"].contains(&code(&answer)), "{place}: {answer}");
        let refused = world.ask(&ListRefused::default()).await;
        assert!(refused[0].faults[0].contains(place), "{refused:?}");
        let replay = ReplayMessage { id: refused[0].id };
        let ward = actor("SE2321000180-2001");
        let still = world.tell(&replay, &ward).await.unwrap_err();
        assert!(still.to_string().contains("still_refused"), "{still}");
        service.stop().await;

        world.register(&senders());
        let service = world.serve().await;
        assert!(world.tell(&replay, &ward).await.unwrap().changed, "{place}");
        assert_eq!(world.the_case().await.concerned().len(), 3, "{place}");
        assert!(world.tell(&replay, &ward).await.is_err(), "{place}: twice");
        assert_eq!(code(&service.mllp().await.send(&sent).await), "CA", "{place}: sent again");
        let counts = world.counts().await;
        assert_eq!((counts.cases, counts.refused), (1, 0), "{place}");
        assert_eq!(world.the_case().await.needs.len(), 1, "{place}");
        service.stop().await;
    }
}
