//! HL7 messages as the hospital's system sends them, and the sending.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A patient of the Swedish Tax Agency's test population, with everything that must not leave
/// `admissions`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patient {
    pub(crate) number: &'static str,
    pub(crate) family: &'static str,
    pub(crate) given: &'static str,
    pub(crate) street: &'static str,
    pub(crate) diagnosis: &'static str,
}

impl Patient {
    /// What a scan looks for.
    pub(crate) fn marks(self) -> [&'static str; 5] {
        [self.number, self.family, self.given, self.street, self.diagnosis]
    }
}

pub(crate) const TOVA: Patient = Patient {
    number: "189102279800",
    family: "Tolvansdotterson",
    given: "Tovaliisa",
    street: "Provgatsvägen 17",
    diagnosis: "Provhjärtsvikt",
};
pub(crate) const TAGE: Patient = Patient {
    number: "189001019802",
    family: "Tagessonberg",
    given: "Tagebert",
    street: "Testaregränd 4",
    diagnosis: "Provlunginflammation",
};

/// What a message says.
#[derive(Clone, Debug)]
pub(crate) struct Adt<'a> {
    pub(crate) trigger: &'a str,
    pub(crate) control_id: &'a str,
    pub(crate) visit: &'a str,
    pub(crate) patient: Patient,
    /// Local time, `YYYYMMDDHHMM`: of the event and of the admission.
    pub(crate) at: &'a str,
    pub(crate) admitted_at: &'a str,
    /// The estimated discharge, `YYYYMMDD`, or empty.
    pub(crate) estimate: &'a str,
    /// Codes of the need judgement, or empty.
    pub(crate) need: &'a str,
    /// The sender's code of whether it was planned, or empty.
    pub(crate) admission_type: &'a str,
    /// The patient's identity is protected.
    pub(crate) protected: bool,
}

impl Adt<'static> {
    /// An admission, whose times are still to be stated.
    pub(crate) const fn of(patient: Patient) -> Self {
        Self {
            trigger: "A01",
            control_id: "1",
            visit: "V1",
            patient,
            at: "",
            admitted_at: "",
            estimate: "",
            need: "",
            admission_type: "",
            protected: false,
        }
    }
}

impl Adt<'_> {
    pub(crate) fn text(&self) -> String {
        let Self { trigger, control_id, visit, patient, at, admitted_at, estimate, need, .. } =
            self;
        let admission_type = self.admission_type;
        let Patient { number, family, given, street, diagnosis } = patient;
        let mut segments = vec![
            format!(
                "MSH|^~\\&|JOURNAL|LASARETTET|HEMGANG|REGION|{at}||ADT^{trigger}|{control_id}|P|2.5.1||||||UNICODE UTF-8"
            ),
            format!("EVN|{trigger}|{at}||||{at}"),
            format!(
                "PID|1||{number}^^^&1.2.752.129.2.1.3.1&ISO^PNR||{family}^{given}||18910227|F|||{street}^^FALUN^^79171^SE^H^^2080"
            ),
            "PD1|||Vårdcentralen^^VC1".to_owned(),
            // PV1-4 is the admission's type, PV1-19 the visit, PV1-44 the admission.
            format!(
                "PV1|1|I|AVD1^1^1|{admission_type}{}{visit}{}{admitted_at}",
                "|".repeat(15),
                "|".repeat(25)
            ),
            format!("PV2|||||||||{estimate}"),
            format!("DG1|1||I50.0^{diagnosis}^1.2.752.116.1.1.1|||A"),
        ];
        if !need.is_empty() {
            segments.push(format!("ZHG|1|{need}"));
        }
        if self.protected {
            segments.push("ZPI|J".to_owned());
        }
        segments.join("\r") + "\r"
    }
}

/// Sends one message over MLLP and returns the acknowledgement's text.
pub(crate) async fn send(to: SocketAddr, text: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(to).await?;
    let mut frame = vec![0x0b];
    frame.extend_from_slice(text.as_bytes());
    frame.extend_from_slice(&[0x1c, 0x0d]);
    stream.write_all(&frame).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(&[0x1c, 0x0d]) {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
