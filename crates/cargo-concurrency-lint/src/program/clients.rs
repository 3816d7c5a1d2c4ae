//! The clients that the workspace makes, and whether their builders bound how long a request may take.

use super::{Program, Site};
use crate::ecosystem::Client;
use crate::facts::{Call, CallId, Function, FunctionId, Span, Value};

/// A client that is made.
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    pub client: &'a Client,
    pub at: Site,
    /// The call that begins it.
    pub span: Span,
    pub bounded: bool,
}

/// Every client that is made outside of tests.
pub fn all<'a>(program: &Program<'a>) -> Vec<Made<'a>> {
    let mut found = Vec::new();
    for (id, function, call_id, call) in program.calls() {
        if function.test {
            continue;
        }
        for client in &program.ecosystem.clients {
            let path = &call.callee.path;
            let made = if client.new.contains(path) {
                Some((call_id, false))
            } else if client.build.contains(&call.callee.name) {
                built(program, function, call_id, client)
            } else {
                None
            };
            if let Some((begun, bounded)) = made {
                let site = Site {
                    function: id,
                    call: begun,
                };
                found.push(Made {
                    client,
                    at: site,
                    span: function[begun].name,
                    bounded,
                });
            }
        }
    }
    found
}

/// Where a builder that ends here has begun, and whether it was given a bound on the way.
fn built(
    program: &Program<'_>,
    function: &Function,
    last: CallId,
    client: &Client,
) -> Option<(CallId, bool)> {
    let chain = program.chain(function, last);
    let (begun, _) = chain
        .iter()
        .find(|(_, call)| client.builder.contains(&call.callee.path))?;
    let mut names: Vec<&str> = chain
        .iter()
        .map(|(_, call)| call.callee.name.as_str())
        .collect();
    // A builder in a variable may be told more between: `if proxy { builder = builder.proxy(p) }`.
    let held = chain
        .iter()
        .filter_map(|(_, call)| call.receiver.as_ref()?.local());
    for local in held {
        let more = function.calls.iter().filter(|call| on(call, local));
        names.extend(more.map(|call| call.callee.name.as_str()));
    }
    let told = |name: &String| names.contains(&name.as_str());
    let whole = client.whole.iter().any(told);
    let parts = !client.parts.is_empty() && client.parts.iter().all(told);
    Some((*begun, whole || parts))
}

fn on(call: &Call, local: crate::facts::LocalId) -> bool {
    call.receiver.as_ref().and_then(Value::local) == Some(local)
}

impl<'a> Program<'a> {
    /// The clients that are made, outside of tests.
    pub fn clients(&self) -> &[Made<'a>] {
        &self.clients
    }

    /// Whether some request in the crate of this function bounds itself.
    pub fn bounds_requests(&self, id: FunctionId, client: &Client) -> bool {
        let krate = self.function(id).krate;
        let mut calls = self.calls();
        calls.any(|(_, function, _, call)| {
            function.krate == krate && client.request.contains(&call.callee.path)
        })
    }
}
