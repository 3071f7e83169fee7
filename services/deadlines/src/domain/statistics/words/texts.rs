//! The definitions. Who changes how something is counted changes its words here.

use contracts::commands::FigureDefinition;

use super::words;

/// Name, definition, unit and source, each Swedish and English.
#[derive(Clone, Copy)]
pub(super) struct Texts([&'static str; 8]);

impl Texts {
    pub(super) fn definition(&self, id: &str, given: bool) -> FigureDefinition {
        let [name_sv, name_en, sv, en, unit_sv, unit_en, source_sv, source_en] = self.0;
        FigureDefinition {
            id: id.to_owned(),
            name: words(name_sv, name_en),
            definition: words(sv, en),
            unit: words(unit_sv, unit_en),
            source: words(source_sv, source_en),
            given,
        }
    }
}

pub(super) const DUTY_SV: &str = "Regelverkets rad i månadens vårdtillfällen: hur många gånger den gällt, och hur många som \
 uppfyllts i tid (utan tidsgräns: alls), senare, eller inte har uppfyllts fast tiden gått \
 ut. De som ännu är öppna och i tid räknas inte, och inte de som upphört att gälla. Median i \
 hela timmar från att klockan började.";
pub(super) const DUTY_EN: &str = "The rulebook's line in the month's cases: how many times it was owed, and how many were met \
 in time (without a limit: at all), later, or not met though their time is out. Those that \
 are still open and in time do not count, nor those that are no longer owed. Median in whole \
 hours from when the clock started.";

pub(super) const CASES: Texts = Texts([
    "Vårdtillfällen",
    "Cases",
    "Vårdtillfällen vars utskrivning gäller och ligger i månaden (svensk tid), där någon \
     bedömt att patienten behöver insatser efteråt. Inte makulerade inskrivningar och inte \
     den som avlidit före utskrivningen. Per spår är måttet spårens fördelning.",
    "Cases whose discharge holds and lies in the month (Swedish time), where somebody judged \
     that the patient needs support afterwards. No cancelled admissions, and nobody who died \
     before the discharge. By track it is the mix of tracks.",
    "vårdtillfällen",
    "cases",
    "ärendets uppgifter",
    "the case's facts",
]);

pub(super) const NOTICE_24H: Texts = Texts([
    "Inskrivningsmeddelanden inom 24 timmar",
    "Admission notices within 24 hours",
    "Av inskrivningsmeddelanden som skulle skickas i månadens vårdtillfällen: de som nådde \
     alla berörda enheter inom 24 timmar, räknat från inskrivningen eller, om det är senare, \
     från när behovet märktes. Står i stället för regelverkets rad. Median i hela timmar.",
    "Of admission notices that were owed in the month's cases: those that had reached all \
     concerned units within 24 hours of the admission, or of when the need was noticed if \
     that was later. Stands in place of the rulebook's line. Median in whole hours.",
    "meddelanden; timmar",
    "notices; hours",
    "regelverkets rad om inskrivningsmeddelandet",
    "the rulebook's line of the admission notice",
]);

pub(super) const RECEIPT: Texts = Texts([
    "Kvittenser inom 24 timmar",
    "Acknowledgements within 24 hours",
    "Av enheter som hade inskrivningsmeddelandet vid utskrivningen: de där någon namngiven \
     läst det inom 24 timmar från mottagandet. Ingen källa anger en tidsgräns; 24 timmar är \
     vald här. Median i hela timmar.",
    "Of units that had the admission notice at the discharge: those where a named person had \
     read it within 24 hours of its reception. No source gives a limit; 24 hours is chosen \
     here. Median in whole hours.",
    "enheter; timmar",
    "units; hours",
    "kvittenserna",
    "the acknowledgements",
]);

pub(super) const SIP_CALLED: Texts = Texts([
    "Kallelse till SIP",
    "Call to a SIP",
    "Av vårdtillfällen där en SIP behövs: de där kallelsen gick inom tre kalenderdagar från \
     meddelandet om utskrivningsklar (utan ett sådant: från utskrivningen). En SIP behövs \
     när någon märkt det eller när både öppenvårdens och kommunens insatser behövs; inte när \
     en plan enligt tvångsvårdslagarna ersätter den. De som avböjt räknas med. Median i hela \
     timmar från meddelandet; kallelse före det tog noll.",
    "Of cases that need a SIP: those where the call went out within three calendar days of \
     the ready notice (without one: of the discharge). A SIP is needed when somebody noticed \
     it, or when services of both open care and the municipality are; not when a plan under \
     the acts on compulsory care takes its place. Those who declined are among them. Median \
     in whole hours from the notice; a call before it took none.",
    "vårdtillfällen; timmar",
    "cases; hours",
    "2017:612, 4 kap.; sip",
    "2017:612, chapter 4; sip",
]);

pub(super) const SIP_HELD: Texts = Texts([
    "SIP-möte hållet",
    "SIP meeting held",
    "Av vårdtillfällen där en SIP behövs: de vars möte hölls senast vid utskrivningen, efter \
     den, eller aldrig. Ingen källa anger en tid. Median i hela dagar från kallelsen.",
    "Of cases that need a SIP: those whose meeting was held by the discharge, after it, or \
     never. No source gives a time. Median in whole days from the call.",
    "vårdtillfällen; dagar",
    "cases; days",
    "sip",
    "sip",
]);

pub(super) const SIP_ENDED: Texts = Texts([
    "SIP avböjd eller inte behövd",
    "SIP declined or not needed",
    "Av vårdtillfällen där en SIP behövs enligt ovan: de där patienten avböjt eller parterna \
     bedömt att ingen behövs, och ingen kallat sedan dess.",
    "Of cases that need a SIP as above: those where the patient declined, or the parties \
     judged that none is needed, and nobody has called since.",
    "vårdtillfällen",
    "cases",
    "sip",
    "sip",
]);

pub(super) const SAME_DAY_HOME: Texts = Texts([
    "Hem samma dag",
    "Home on the same day",
    "Av vårdtillfällen med ett meddelande om utskrivningsklar: de där patienten skrevs ut \
     samma dag som både meddelandet fanns och alla parter, slutenvården och de som hade ärendet, \
     hade bekräftat hemgångsklar, en senare dag, eller utan att alla bekräftat före utskrivningen \
     (aldrig). Median i hela dagar.",
    "Of cases with a ready notice: those where the patient was discharged on the day on \
     which the notice was there and all parties, the ward and those that had the case, had \
     confirmed home-ready, on a later day, or before all had confirmed (never). Median in whole \
     days.",
    "vårdtillfällen; dagar",
    "cases; days",
    "Dalarnas riktlinje, Arbetssätt (K36)",
    "Dalarna's guideline, Arbetssätt (K36)",
]);

pub(super) const READY_DAYS: Texts = Texts([
    "Dagar som utskrivningsklar",
    "Days ready for discharge",
    "Av vårdtillfällen med ett meddelande om utskrivningsklar som gällde: de som utskrevs minst \
     en kalenderdag efter det, och dagarna från meddelandets dag till utskrivningens. Summa, \
     och medel för dem som har minst en dag. Somatisk och psykiatrisk vård skiljs inte åt.",
    "Of cases with a ready notice that held: those discharged at least a calendar day after it, \
     and the days from the day of the notice to that of the discharge. Sum, and mean of those \
     with at least one day. Somatic and psychiatric care are not told apart.",
    "vårdtillfällen; dagar",
    "cases; days",
    "ärendets uppgifter",
    "the case's facts",
]);

pub(super) const PAYABLE_DAYS: Texts = Texts([
    "Betalningsdagar",
    "Payable days",
    "Kalenderdagar i månaden som kommunen ska betala, och vårdtillfällena som har sådana. \
     Räknas i den månad de ligger i, inte i utskrivningsmånaden.",
    "Calendar days in the month that the municipality is to pay, and the cases that have \
     any. They count in the month that they are in, not in that of the discharge.",
    "vårdtillfällen; dagar",
    "cases; days",
    "betalningsregel",
    "payment policy",
]);

pub(super) const ESTIMATE_CHANGES: Texts = Texts([
    "Ändrat beräknat utskrivningsdatum",
    "Changes of the estimated day",
    "Hur många gånger den beräknade utskrivningsdagen blev en annan dag, i vårdtillfällen \
     som har en. Summa, och medel per vårdtillfälle.",
    "How many times the estimated discharge became another day, in cases that have one. Sum, \
     and mean per case.",
    "vårdtillfällen; ändringar",
    "cases; changes",
    "ärendets uppgifter",
    "the case's facts",
]);

pub(super) const ESTIMATE_WARNING: Texts = Texts([
    "Förvarning om utskrivningsdagen",
    "Warning of the day of discharge",
    "Av vårdtillfällen: de där den dag då patienten skrevs ut hade stått som beräknad i \
     minst 24 timmar, kortare tid, eller inte alls (aldrig). Ingen källa anger en gräns; 24 \
     timmar är vald här. Median i hela timmar.",
    "Of cases: those where the day on which the patient was discharged had stood as the \
     estimated one for at least 24 hours, for less, or not at all (never). No source gives a \
     limit; 24 hours is chosen here. Median in whole hours.",
    "vårdtillfällen; timmar",
    "cases; hours",
    "ärendets uppgifter",
    "the case's facts",
]);

pub(super) const TRACK_CHANGED: Texts = Texts([
    "Byte av spår",
    "Changes of track",
    "Av vårdtillfällen med ett spår: de där det ändrades minst en gång.",
    "Of cases with a track: those where it was changed at least once.",
    "vårdtillfällen",
    "cases",
    "ärendets uppgifter",
    "the case's facts",
]);

pub(super) const FOLLOWED_UP: Texts = Texts([
    "Uppföljda efter hemgång",
    "Followed up at home",
    "Av månadens vårdtillfällen som är avslutade, för hand eller 30 dagar efter \
     utskrivningen: de där någon part gjort en uppföljning. Bedömd som inte behövd är ingen \
     uppföljning.",
    "Of the month's cases that are closed, by hand or 30 days after the discharge: those \
     that some party has followed up. Judged not to need it is no follow-up.",
    "vårdtillfällen",
    "cases",
    "parternas arbete",
    "the parties' work",
]);

pub(super) const FREQUENT: Texts = Texts([
    "Ofta återkommande patienter",
    "Patients who come often",
    "Av vårdtillfällen: de där patienten ofta sökt vård de senaste tre månaderna, enligt \
     behovsbedömningen eller, där regionen säger hur många gånger det är, enligt de besök och \
     vårdtillfällen som systemet hört om.",
    "Of cases: those where the patient has come often within three months, by the judgement of \
     need or, where the region says how many times that is, by the visits and stays that the \
     system has heard of.",
    "vårdtillfällen",
    "cases",
    "Dalarnas riktlinje, Målgrupp",
    "Dalarna's guideline, Målgrupp",
]);

pub(super) const READMISSION: Texts = Texts([
    "Återinläggning inom 30 dagar",
    "Readmission within 30 days",
    "Av vårdtillfällen som började i månaden (svensk tid), oavsett behov: de som började dag 1 \
     till 30 efter samma patients senaste utskrivning, från något av regionens sjukhus. Inte den \
     som flyttas: ett vårdtillfälle som börjar samma dag som ett annat slutar, eller medan det \
     pågår. Alla åldrar, planerade och oplanerade. Den vars identitet inte är känd räknas inte; \
     den som varit inskriven i en annan region syns inte.",
    "Of stays that began in the month (Swedish time), whatever was needed: those that began on \
     day 1 to 30 after the same patient's last discharge, from any of the region's hospitals. \
     Not who is moved: a stay that begins on the day on which another ends, or while it goes \
     on. All ages, planned and not planned. Who is not identified does not count; a stay in \
     another region is not seen.",
    "vårdtillfällen",
    "stays",
    "ärendets uppgifter",
    "the case's facts",
]);

pub(super) const UNPLANNED_READMISSION: Texts = Texts([
    "Oplanerad återinläggning inom 30 dagar",
    "Unplanned readmission within 30 days",
    "Av samma vårdtillfällen: de återinläggningar som sjukhuset säger inte var planerade. Där \
     det inte sägs räknas de bara i måttet ovan. Räknas för alla åldrar och i den månad då \
     patienten kom tillbaka; det nationella måttet gäller 65 år och äldre och utskrivningens \
     månad, så talen kan inte jämföras.",
    "Of the same stays: the readmissions that the hospital says were not planned. Where it does \
     not say so they count in the measure above only. It counts all ages, and by the month of \
     the return; the national measure is of those aged 65 and over and by the month of the \
     discharge, so the numbers cannot be compared.",
    "vårdtillfällen",
    "stays",
    "ärendets uppgifter; vad sjukhuset säger om inskrivningen",
    "the case's facts; what the hospital says of the admission",
]);

/// What is asked for elsewhere, and why it is not here.
pub(super) const NOT_KNOWN: [(&str, Texts); 3] = [
    (
        "ready_days_psychiatry",
        Texts([
            "Dagar som utskrivningsklar, psykiatri för sig",
            "Days ready for discharge, psychiatry by itself",
            "Ges inte: inget säger vilka avdelningar som är psykiatriska.",
            "Not given: nothing says which wards are psychiatric.",
            "vårdtillfällen; dagar",
            "cases; days",
            "–",
            "–",
        ]),
    ),
    (
        "ready_days_per_1000",
        Texts([
            "Dagar som utskrivningsklar per 1 000 invånare över 65 år",
            "Days ready for discharge per 1,000 inhabitants over 65",
            "Ges inte: patienternas ålder och kommunernas befolkning finns inte här.",
            "Not given: neither the patients' age nor the municipalities' inhabitants are \
             here.",
            "dagar",
            "days",
            "–",
            "–",
        ]),
    ),
    (
        "beds_taken",
        Texts([
            "Upptagna vårdplatser",
            "Beds taken",
            "Ges inte: antalet vårdplatser finns inte här.",
            "Not given: the number of beds is not here.",
            "vårdplatser",
            "beds",
            "–",
            "–",
        ]),
    ),
];
