//! Lists in pages: an opaque cursor in, at most a hundred items and the next cursor out.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::problem::{Answer, Problem, codes};

/// Which page of a list is wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The `next` of the page before; left out for the first page.
    after: Option<String>,
    /// How many items at most, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// One page of a list, newest first unless the operation says otherwise.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The `after` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl PageQuery {
    /// The page that an operation's own query asks for, where it takes more than `after` and `limit`.
    #[must_use]
    pub fn new(after: Option<String>, limit: Option<u32>) -> Self {
        Self { after, limit }
    }

    /// The first page of at most `limit` items.
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { after: None, limit: Some(limit) }
    }

    /// How many items to show.
    ///
    /// # Errors
    /// `validation_failed` outside 1 to 100.
    pub fn limit(&self) -> Answer<i64> {
        match self.limit.unwrap_or(20) {
            limit @ 1..=100 => Ok(i64::from(limit)),
            _ => Err(Problem::new(&codes::VALIDATION_FAILED).detail("`limit` must be between 1 and 100")),
        }
    }

    /// The id after which the page begins, in lists ordered by id.
    ///
    /// # Errors
    /// `validation_failed` when the cursor was not made by a page.
    pub fn after_id(&self) -> Answer<Option<Uuid>> {
        let parsed = self.after.as_deref().map(Uuid::try_parse).transpose();
        parsed.map_err(|_| {
            Problem::new(&codes::VALIDATION_FAILED).detail("`after` is not a cursor of this list")
        })
    }
}

impl<T> Page<T> {
    /// Cuts a page of `limit` items out of the `limit + 1` that were fetched; the extra one only says that
    /// there is more.
    pub fn cut(mut items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> Uuid) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|item| cursor(item).to_string()) } else { None };
        Self { items, next }
    }

    /// The same page with every item turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_the_next_only_when_there_is_one() {
        let ids: Vec<_> = (0..3).map(Uuid::from_u128).collect();
        let page = Page::cut(ids.clone(), 2, |id| *id);
        assert_eq!((page.items.len(), page.next), (2, Some(ids[1].to_string())));
        assert_eq!(Page::cut(ids, 3, |id| *id).next, None);
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        assert_eq!(PageQuery::default().limit().unwrap(), 20);
        assert!(PageQuery::first(0).limit().is_err() && PageQuery::first(101).limit().is_err());
        assert!(PageQuery { after: Some("'; --".into()), limit: None }.after_id().is_err());
    }
}
