//! `docker-compose.yml` and the Dockerfile.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::{Map, Value};

use crate::{HEMGANG, SERVICES, file, text_of};

/// The services of the compose file.
fn composed() -> Map<String, Value> {
    let all: Value = serde_saphyr::from_str(&text_of("docker-compose.yml")).unwrap();
    all.get("services").and_then(Value::as_object).unwrap().clone()
}

#[test]
fn every_service_starts_after_its_provisioning_has_ended_well() {
    let composed = composed();
    for service in SERVICES {
        let job = format!("{service}-provision");
        assert_eq!(composed[&job]["command"], serde_json::json!(["service", service, "provision"]));
        assert_eq!(composed[service]["command"], serde_json::json!(["service", service]));
        let condition = &composed[service]["depends_on"][&job]["condition"];
        assert_eq!(condition, "service_completed_successfully", "{service}");
    }
}

#[test]
fn whatever_has_no_edge_can_be_scaled() {
    let composed = composed();
    let with_ports: BTreeSet<&str> = composed
        .iter()
        .filter(|(_, service)| service.get("ports").is_some())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(with_ports, BTreeSet::from(["admissions", "mail", "notifications"]));
    assert!(composed.values().all(|service| service.get("container_name").is_none()));
}

#[test]
fn every_service_understands_the_settings_it_is_given() {
    let composed = composed();
    for name in SERVICES {
        let service = &composed[name];
        let provision = composed[&format!("{name}-provision")]["environment"].as_object().unwrap();
        let unknown =
            provision.keys().find(|key| service["environment"].get(key.as_str()).is_none());
        assert_eq!(unknown, None, "{name}-provision");
        let environment = service["environment"].as_object().unwrap();
        let given: BTreeMap<&str, String> = environment
            .iter()
            // What has no value is passed on when somebody has set it.
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
            .map(|(name, value)| (name, as_mounted(service, by_default(value))))
            .collect();
        let checked = Command::new(HEMGANG)
            .args(["service", service["command"][1].as_str().unwrap(), "check-config"])
            .env_clear()
            .envs(given)
            .output()
            .unwrap();
        assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn every_file_that_is_mounted_is_there() {
    let mounted: Vec<String> = composed()
        .values()
        .flat_map(|service| service["volumes"].as_array().cloned().unwrap_or_default())
        .map(|volume| by_default(volume.as_str().unwrap()))
        .filter(|volume| volume.starts_with("./"))
        .collect();
    assert!(mounted.len() >= 3, "{mounted:?}");
    for volume in mounted {
        let (here, _) = volume.split_once(':').unwrap();
        assert!(file(here).is_file(), "{here}");
    }
}

#[test]
fn the_image_is_built_by_the_pinned_compiler() {
    let toolchain: toml::Table = text_of("rust-toolchain.toml").parse().unwrap();
    let channel = toolchain["toolchain"]["channel"].as_str().unwrap();
    assert!(text_of("deploy/Dockerfile").contains(&format!("FROM rust:{channel}-")), "{channel}");
}

/// A file of the container by the name that it has here, where it is mounted.
fn as_mounted(service: &serde_json::Value, value: String) -> String {
    let volumes = service["volumes"].as_array().cloned().unwrap_or_default();
    let mounted = volumes.iter().find_map(|volume| {
        let volume = by_default(volume.as_str()?);
        let (here, there) = volume.split_once(':')?;
        let is_it = there.split(':').next() == Some(value.as_str());
        is_it.then(|| file(here).to_str().unwrap().to_owned())
    });
    mounted.unwrap_or(value)
}

/// The text with `${NAME:-value}` replaced by the value, as when nobody has set anything.
fn by_default(text: &str) -> String {
    let Some((before, rest)) = text.split_once("${") else { return text.to_owned() };
    let (variable, after) = rest.split_once('}').unwrap();
    let (_, value) = variable.split_once(":-").unwrap_or((variable, ""));
    format!("{before}{value}{}", by_default(after))
}
