use clap::{CommandFactory, Parser};

use crate::Arguments;

fn parse(line: &[&str]) -> Result<(), clap::error::ErrorKind> {
    let arguments = std::iter::once("hemgang").chain(line.iter().copied());
    Arguments::try_parse_from(arguments).map(drop).map_err(|error| error.kind())
}

#[test]
fn the_command_line_is_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn every_deed_is_understood() {
    let deeds = "judge-need --party open-care --party social-services --noticed-at 2026-11-24T08:00
        judge-need --frequent
        withdraw-need
        consent given --at 2026-11-24T14:00
        consent refused
        consent withdrawn
        estimate 2026-11-27T12:00
        route --party social-services --to SE2321000016-SOC1
        read-notice
        acknowledge 00000000-0000-0000-0000-000000000007
        care-contact appoint SE2321000016-9A2B --replaces SE2321000016-9A2C
        send coordination write_entry --fields {}
        care-contact not-needed --reason exists-already
        lead-officer appoint SE2321000016-9A2B
        lead-officer not-needed --reason patient-declined
        report-support --text x
        ready --at 2026-11-24T14:00
        revoke-ready
        discharge
        death
        sip need --by relative
        sip need-revoked
        sip kind compulsory-care
        sip call
        sip meeting 2026-11-24T14:00 --until 2026-11-24T15:00 --form ward --place 3
        sip cancel-meeting
        sip ask patient
        sip ask relative --who x
        sip ask leader --party open-care --from SE2321000016-VC01 --person SE2321000016-9A2B
        sip ask staff --party ward --from SE2321000016-AVD1
        sip withdraw 00000000-0000-0000-0000-000000000007
        sip came 00000000-0000-0000-0000-000000000007 --at 2026-11-24T14:00
        sip absent 00000000-0000-0000-0000-000000000007
        sip pre-meeting --point treatment --point monitoring
        sip tick supplies
        sip read-meeting
        sip plan --based-on 0 --file plan.json
        sip confirm 1 --party ward
        sip read-plan --version 1
        sip follow-up --party ward --party open-care --next 2027-01-15
        sip register --part --on SE2321000016-9A2B --visit-type video
        sip registrations --month 2026-11
        sip propose --minutes 60 --with SE2321000016-VC01=a.ics --patient --ready 2026-11-24T14:00
        sip why-not 2026-11-24T14:00 --with SE2321000016-VC01 --day-off 2026-12-23
        sip time 2026-11-24T14:00
        sip held
        sip not-held
        sip withdraw-registration 00000000-0000-0000-0000-000000000007
        sip cancel
        sip declined
        sip not-needed --reason no-further-need";
    let signed =
        ["--case", "K7M2-9QXD", "--as", "SE2321000016-9A2B", "--unit", "SE2321000016-VC01"];
    for deed in deeds.lines() {
        let mut line = vec!["act"];
        line.extend(deed.split_whitespace());
        line.extend(signed);
        assert_eq!(parse(&line), Ok(()), "{deed}");
    }
}

#[test]
fn the_other_commands_are_understood() {
    let lines = "state --output json
        dead-letters list
        reconcile
        reconcile --limit 5 --output json
        resync admissions --restored --without-comparing
        dead-letters list sip
        dead-letters show sip 00000000-0000-0000-0000-000000000007
        dead-letters replay sip 00000000-0000-0000-0000-000000000007 --output json
        refused list --limit 5
        refused replay 00000000-0000-0000-0000-000000000007 --as SE2321000016-1 --unit SE2321000016-2
        resync deadlines --nats nats://127.0.0.1:4222
        import units units.toml --as SE2321000016-1 --unit SE2321000016-2
        import contacts contacts.json --as SE2321000016-1 --unit SE2321000016-2
        send-hl7 a.hl7 b.hl7 --to 127.0.0.1:2575
        show case --case K7M2-9QXD
        show assignment --case K7M2-9QXD
        show sip --case K7M2-9QXD
        show ledger --case K7M2-9QXD
        show alerts --case K7M2-9QXD
        explain --case K7M2-9QXD --rule K06
        payment --case K7M2-9QXD
        payment --month 2026-11
        payment --month 2026-11 --csv
        statistics --month 2026-11
        statistics --month 2026-07 --months 6 --by municipality --csv half-year.csv
        statistics --month 2026-11 --by unit --output json
        list cases --with-need
        list units
        list unrouted
        list alerts --state failed
        retry-alerts --as SE2321000016-1 --unit SE2321000016-2
        retry-alerts --case K7M2-9QXD --state unresolved --as SE2321000016-1 --unit SE2321000016-2
        retry-alerts --since 2026-11-24T08:00 --as SE2321000016-1 --unit SE2321000016-2";
    for line in lines.lines() {
        let line: Vec<_> = line.split_whitespace().collect();
        assert_eq!(parse(&line), Ok(()), "{line:?}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    use clap::error::ErrorKind::{
        ArgumentConflict, InvalidValue, MissingRequiredArgument, ValueValidation,
    };
    assert_eq!(parse(&["payment"]), Err(MissingRequiredArgument));
    assert_eq!(parse(&["payment", "--month", "november"]), Err(ValueValidation));
    let both = ["payment", "--month", "2026-11", "--case", "K7M2-9QXD"];
    assert_eq!(parse(&both), Err(ArgumentConflict));
    assert_eq!(parse(&["statistics"]), Err(MissingRequiredArgument));
    let by_patient = ["statistics", "--month", "2026-11", "--by", "patient"];
    assert_eq!(parse(&by_patient), Err(InvalidValue));
    assert_eq!(parse(&["resync", "portal"]), Err(InvalidValue));
    assert_eq!(parse(&["act", "consent", "maybe"]), Err(InvalidValue));
    assert_eq!(parse(&["retry-alerts", "--state", "sent"]), Err(InvalidValue));
    assert_eq!(parse(&["act", "judge-need"]), Err(MissingRequiredArgument));
    assert_eq!(parse(&["act", "sip", "time", "14:00"]), Err(ValueValidation));
    assert_eq!(parse(&["act", "ready", "--as", "Anna"]), Err(ValueValidation));
    assert_eq!(parse(&["show", "case", "--case", "K7M2"]), Err(ValueValidation));
}

#[test]
fn the_arguments_of_a_service_are_left_to_the_service() {
    assert_eq!(parse(&["service", "sip", "serve", "--output", "json", "--nats", "x"]), Ok(()));
}
