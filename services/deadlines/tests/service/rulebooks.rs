//! What an operator may do to rulebook files, and what that does to duties.

use crate::support::World;

const REGION: &str = r#"
id = "region"
version = "1"
valid_from = 2018-01-01
extends = "se"
title = { sv = "Region", en = "Region" }
"#;

#[tokio::test]
async fn a_file_that_changed_under_its_name_is_refused_and_can_be_put_right() {
    let world = World::provisioned("2026-06-02 10:00").await;
    world.write_rulebook("region-1.toml", REGION);
    world.provision().await.unwrap();
    world.write_rulebook("region-1.toml", &REGION.replace("2018", "2019"));
    let error = world.provision().await.unwrap_err();
    assert!(format!("{error:#}").contains("region-1.toml has changed"), "{error:#}");

    // The new text goes into a file of its own, and the old one may be taken away.
    world.remove_rulebook("region-1.toml");
    let next = REGION.replace("2018", "2019").replace("version = \"1\"", "version = \"2\"");
    world.write_rulebook("region-2.toml", &next);
    world.provision().await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_stand_beside_the_others_is_refused_and_leaves_nothing_behind() {
    let world = World::provisioned("2026-06-02 10:00").await;
    world.write_rulebook("region-1.toml", REGION);
    world.provision().await.unwrap();
    let same_day = REGION.replace("version = \"1\"", "version = \"2\"");
    world.write_rulebook("region-2.toml", &same_day);
    let error = world.provision().await.unwrap_err();
    assert!(format!("{error:#}").contains("valid from the same day"), "{error:#}");
    world.write_rulebook("region-2.toml", &same_day.replace("2018", "2020"));
    world.provision().await.unwrap();
}
