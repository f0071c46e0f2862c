//! The questions to the EC2 query API.

use std::collections::BTreeMap;

use super::{
    Ec2Instances,
    answer::{StatusPage, instances, statuses},
    instance::{Instance, Known},
};
use crate::aws::{AwsFailure, Question};

/// The version of the EC2 query API that is spoken.
const API_VERSION: &str = "2016-11-15";

/// How many instances one question about their status may name.
///
/// Source: Amazon EC2 API Reference, `DescribeInstanceStatus`.
const INSTANCES_PER_QUESTION: usize = 100;

/// How many pages of one answer are read; more than that is an answer that never ends.
const MAX_PAGES: usize = 100;

impl Ec2Instances {
    /// Asks for all instances that are meant, and for their status.
    pub(super) async fn ask(&self) -> Result<Vec<Instance>, AwsFailure> {
        let known: Vec<Known> = self
            .pages("DescribeInstances", &self.selection(), instances)
            .await?;
        let known: Vec<Known> = known
            .into_iter()
            .filter(|known| self.ids.contains(&known.id) || !known.is_gone())
            .collect();
        let mut found: BTreeMap<String, StatusPage> = BTreeMap::new();
        for named in known.chunks(INSTANCES_PER_QUESTION) {
            let mut selection = vec![("IncludeAllInstances".to_owned(), "true".to_owned())];
            let ids = named.iter().map(|known| known.id.as_str());
            selection.extend(numbered("InstanceId", ids));
            let page = self.pages("DescribeInstanceStatus", &selection, statuses);
            found.extend(page.await?.into_iter().map(|it| (it.id.clone(), it)));
        }
        let instances = known.into_iter().map(|known| {
            let status = found.remove(&known.id);
            Instance { known, status }
        });
        Ok(instances.collect())
    }

    fn selection(&self) -> Vec<(String, String)> {
        let mut selection = numbered("InstanceId", self.ids.iter().map(String::as_str));
        for (index, (name, values)) in self.filters.iter().enumerate() {
            let filter = format!("Filter.{}", index + 1);
            selection.push((format!("{filter}.Name"), name.clone()));
            let values = values.iter().map(String::as_str);
            selection.extend(numbered(&format!("{filter}.Value"), values));
        }
        selection
    }

    /// Asks until there is no further page.
    async fn pages<T>(
        &self,
        action: &str,
        selection: &[(String, String)],
        read: fn(&[u8]) -> Result<(Vec<T>, Option<String>), String>,
    ) -> Result<Vec<T>, AwsFailure> {
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut form = reqwest::Url::parse("form:").map_err(|_| not_understood("form"))?;
            form.query_pairs_mut()
                .append_pair("Action", action)
                .append_pair("Version", API_VERSION)
                .extend_pairs(selection)
                .extend_pairs(next.iter().map(|token| ("NextToken", token)));
            let form = form.query().unwrap_or_default().to_owned();
            let answer = self.service.ask(Question::Form(form)).await?;
            if !answer.is_whole {
                return Err(not_understood("it is too large"));
            }
            let (page, token) = read(&answer.body).map_err(AwsFailure::NotUnderstood)?;
            all.extend(page);
            match token {
                Some(token) if next.as_ref() != Some(&token) => next = Some(token),
                Some(_) => return Err(not_understood("the same page came twice")),
                None => return Ok(all),
            }
        }
        Err(not_understood("it has too many pages"))
    }
}

fn not_understood(reason: &str) -> AwsFailure {
    AwsFailure::NotUnderstood(reason.to_owned())
}

/// Names values as the query API wants a list: `Name.1`, `Name.2` and so on.
fn numbered<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let values = values.enumerate();
    values
        .map(|(index, value)| (format!("{name}.{}", index + 1), value.to_owned()))
        .collect()
}
