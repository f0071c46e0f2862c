//! The description of `/health` and what is below it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Document,
    operation::{Contents, Operation, path_parameter},
    segment,
};
use crate::{
    endpoints::negotiation::{Format, Shape},
    management::PING,
    plan::{GroupPlan, Member},
    visibility::Shown,
};

impl Document<'_> {
    pub(super) fn health(&mut self) {
        let plan = self.management.plan();
        let whole = self.operation("The health of the whole", &plan.primary);
        self.add("/health", whole);
        if self.shown(&plan.primary).components {
            self.components("/health", &plan.primary.members, &plan.primary);
            self.reported_components(&plan.primary);
        } else {
            self.component("/health", [PING].into_iter(), &plan.primary);
        }
        for (name, group) in plan
            .groups
            .iter()
            .filter(|(_, group)| !group.members.is_empty())
        {
            let summary = format!("The health of the group {name}");
            let path = format!("/health/{}", segment(name));
            let operation = self.operation(&summary, group);
            self.add(&path, operation);
            if self.shown(group).components {
                self.components(&path, &group.members, group);
            }
            let additional = self.management.0.paths.additional.get(name);
            if let Some(additional) = additional.filter(|path| path.server == self.request.server) {
                let operation = self.operation(&summary, group);
                self.paths.insert(
                    format!("{}/{}", self.root, additional.segment),
                    operation.into_path_item(),
                );
            }
        }
    }

    fn shown(&self, group: &GroupPlan) -> Shown {
        group.visibility.for_identity(self.request.identity)
    }

    /// Adds the components below a path, and those below them.
    fn components(&mut self, path: &str, members: &BTreeMap<String, Member>, group: &GroupPlan) {
        self.component(path, members.keys().map(String::as_str), group);
        for (name, member) in members {
            if let Member::Composite(children) = member {
                self.components(&format!("{path}/{}", segment(name)), children, group);
            }
        }
    }

    fn component<'a>(
        &mut self,
        path: &str,
        names: impl Iterator<Item = &'a str>,
        group: &GroupPlan,
    ) {
        let operation = self
            .operation("The health of one component", group)
            .parameter(one_of(names));
        self.add(
            &format!("{path}/{{component}}"),
            operation.response(404, NOT_FOUND, None),
        );
    }

    /// Adds the components that the checks report themselves, which are not known before they are
    /// asked for, nor how many of them are below each other.
    fn reported_components(&mut self, group: &GroupPlan) {
        let leaves = group
            .members
            .iter()
            .filter(|(_, member)| matches!(member, Member::Leaf { .. }));
        let leaves = one_of(leaves.map(|(name, _)| name.as_str()));
        let part = json!({ "type": "string", "minLength": 1 });
        let operation = self
            .operation("The health of a component that a check reports", group)
            .parameter(leaves)
            .parameter(path_parameter(
                "part",
                "The name of what is reported; further ones below it may follow.",
                part,
            ))
            .response(404, NOT_FOUND, None);
        self.add("/health/{component}/{part}", operation);
    }

    /// Describes what is answered with the rules of a group.
    fn operation(&mut self, summary: &str, group: &GroupPlan) -> Operation {
        let options = self.management.0.options;
        let contents = self.contents(self.shown(group));
        let mut operation = Operation::new(summary);
        if options.has_stable_bodies {
            operation = operation.parameter(json!({
                "name": "If-None-Match",
                "in": "header",
                "description": "The ETag of an earlier answer.",
                "schema": { "type": "string" },
            }));
            operation = operation.stable_response(304, "Nothing has changed since.", None);
        }
        for (code, statuses) in self.codes(group) {
            let description = format!("The status is {}.", statuses.join(" or "));
            operation = match options.has_stable_bodies {
                true => operation.stable_response(code, &description, contents.clone()),
                false => operation.response(code, &description, contents.clone()),
            };
        }
        operation.response(406, "None of the media types is acceptable.", None)
    }

    fn contents(&mut self, shown: Shown) -> Contents {
        let options = self.management.0.options;
        let statuses = &self.management.0.statuses;
        let formats = Format::health_content_types(options.has_plain_text);
        let contents = formats.map(|format| {
            let schema = match format.shape {
                Shape::Actuator(version) => self.schemas.actuator(shown, version, statuses),
                Shape::HealthJson => self.schemas.health_json(shown, !options.has_stable_bodies),
                Shape::PlainText => json!({ "type": "string" }),
            };
            (format.content_type.to_owned(), json!({ "schema": schema }))
        });
        Some(contents.collect())
    }

    /// Asks the mapper of a group which statuses are answered with which code.
    fn codes(&self, group: &GroupPlan) -> BTreeMap<u16, Vec<&str>> {
        let mut codes: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
        for status in &self.management.0.statuses {
            let code = group.mapper.http_code(status).as_u16();
            codes.entry(code).or_default().push(status.code());
        }
        codes
    }
}

const NOT_FOUND: &str = "There is no such component, or it is hidden.";

fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    let names: Vec<&str> = names.collect();
    path_parameter(
        "component",
        "The name of a component.",
        json!({ "type": "string", "enum": names }),
    )
}
