//! Spans in the JSON of OTLP, as every collector takes it over HTTP.
//! Never sends: that is the exporter's.

use serde_json::{Value, json};

use super::{Fact, Kind, Span};

/// One request to a collector.
pub fn request(service: &str, instance: &str, spans: &[Span]) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    let resource = [("service.name", service), ("service.version", version), ("service.instance.id", instance)];
    let resource: Vec<Value> = resource.iter().map(|(key, text)| json!({"key": key, "value": {"stringValue": text}})).collect();
    let spans: Vec<Value> = spans.iter().filter_map(shown).collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": resource},
        "scopeSpans": [{"scope": {"name": "ringback", "version": version}, "spans": spans}],
    }]})
}

fn shown(span: &Span) -> Option<Value> {
    let (trace, id) = span.place?;
    let facts = span.facts.iter().map(|(key, fact)| attribute(key, fact));
    let failed = span.failure.as_ref().map(|(code, _)| attribute("error.type", &Fact::Text(code.clone())));
    let status = match &span.failure {
        None => json!({"code": 1}),
        Some((_, words)) => json!({"code": 2, "message": words}),
    };
    Some(json!({
        "traceId": trace.id(),
        "spanId": id.to_string(),
        "parentSpanId": trace.parent().map(|parent| parent.to_string()).unwrap_or_default(),
        "flags": 1,
        "name": span.name,
        "kind": match span.kind { Kind::Internal => 1, Kind::Server => 2, Kind::Client => 3 },
        "startTimeUnixNano": nanoseconds(span.from.ms()),
        "endTimeUnixNano": nanoseconds(span.to.ms().max(span.from.ms())),
        "attributes": facts.chain(failed).collect::<Vec<_>>(),
        "status": status,
    }))
}

fn attribute(key: &str, fact: &Fact) -> Value {
    match fact {
        Fact::Text(text) => json!({"key": key, "value": {"stringValue": text}}),
        // 64 bits are written as a text in this JSON.
        Fact::Int(number) => json!({"key": key, "value": {"intValue": number.to_string()}}),
    }
}

fn nanoseconds(ms: i64) -> String {
    (i128::from(ms) * 1_000_000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;
    use crate::domain::trace::{SpanId, Trace};
    use crate::engine::traces::Stretch;

    #[test]
    fn a_span_is_written_as_the_protocol_says() {
        let trace = Trace::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        let id = SpanId::of_delivery_attempt(crate::domain::ids::DeliveryId(uuid::Uuid::nil()), 1);
        let at = Stretch { from: Timestamp(1), to: Timestamp(3) };
        let mut span = Span::new("step".to_owned(), Kind::Client, at, vec![("n", Fact::Int(7))]);
        span.failure = Some(("ERROR_CODE_X".to_owned(), "words".to_owned()));
        let sent = request("ringback", "node", &[span.at(trace, id)]);
        let shown = &sent["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(shown["traceId"], "0af7651916cd43dd8448eb211c80319c");
        assert_eq!((&shown["parentSpanId"], &shown["spanId"]), (&json!("b7ad6b7169203331"), &json!(id.to_string())));
        assert_eq!((&shown["startTimeUnixNano"], &shown["endTimeUnixNano"]), (&json!("1000000"), &json!("3000000")));
        assert_eq!(shown["attributes"][0], json!({"key": "n", "value": {"intValue": "7"}}));
        assert_eq!(shown["attributes"][1]["value"]["stringValue"], "ERROR_CODE_X");
        assert_eq!(shown["status"], json!({"code": 2, "message": "words"}));
        assert_eq!(sent["resourceSpans"][0]["resource"]["attributes"][0]["value"]["stringValue"], "ringback");
    }
}
