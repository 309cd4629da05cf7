//! Owners, privileges, comments, labels.

use std::collections::{BTreeMap, BTreeSet};

use super::{Mender, Statements, grantee_of};
use crate::catalog::about::{About, Grant, Privilege};
use crate::catalog::name::{quote_ident, quote_literal};
use crate::catalog::object::Object;
use crate::catalog::{Catalog, Kind};

use Privilege::{
    Create, Delete, Execute, Insert, References, Select, Trigger, Truncate, Update, Usage,
};

impl Mender<'_> {
    /// Gives an object that was just made what was said about it.
    pub(super) fn say_all(&self, object: &Object, about: &About) -> Option<Statements> {
        let (owner, public) = initial(object.kind);
        let mut fresh = About { owner: about.owner.clone(), ..About::default() };
        let mut statements = Vec::new();
        if let Some(role) = &about.owner {
            if self.sole_owner != Some(role.as_str()) {
                statements.push(format!("ALTER {} OWNER TO {}", object.address, quote_ident(role)));
            }
            let grant = |grantee, privileges: &[Privilege]| Grant {
                grantee,
                grantor: role.clone(),
                privileges: privileges.iter().map(|privilege| (*privilege, false)).collect(),
            };
            let mut to_owner = grant(Some(role.clone()), owner);
            // From version 17 on, the owner of a table may also maintain it.
            let maintains = |g: &&Grant| g.privileges.contains_key(&Privilege::Maintain);
            if let Some(grant) = about.privileges.iter().find(maintains)
                && grant.grantee.as_ref() == Some(role)
            {
                to_owner.privileges.insert(Privilege::Maintain, false);
            }
            fresh.privileges = vec![grant(None, public), to_owner];
            fresh.privileges.retain(|grant| !grant.privileges.is_empty());
        }
        statements.extend(resay(object, about, &fresh)?);
        Some(statements)
    }

    /// Turns what is said about an object into what was said before.
    pub(super) fn say(object: &Object, before: &About, after: &About) -> Option<Statements> {
        let mut statements = Vec::new();
        if let Some(owner) = before.owner.as_ref().filter(|_| before.owner != after.owner) {
            statements.push(format!("ALTER {} OWNER TO {}", object.address, quote_ident(owner)));
        }
        statements.extend(resay(object, before, &after.handed_over(before.owner.as_deref()))?);
        Some(statements)
    }
}

/// All but the owner.
fn resay(object: &Object, before: &About, after: &About) -> Option<Statements> {
    let mut statements = Vec::new();
    if before.privileges != after.privileges {
        let (on, columns) = grant_target(object)?;
        let owner = before.owner.as_deref();
        let (before, after) = (&before.privileges, &after.privileges);
        let on = format!(" ON {on}");
        statements.extend(grants(before, after, owner, columns.as_deref(), &on, "")?);
    }
    if before.comment != after.comment {
        let comment = before.comment.as_deref().map_or("NULL".to_owned(), quote_literal);
        statements.push(format!("COMMENT ON {} IS {comment}", object.address));
    }
    let providers: BTreeSet<_> = before.labels.keys().chain(after.labels.keys()).collect();
    for provider in providers {
        let label = before.labels.get(provider);
        if label != after.labels.get(provider) {
            let label = label.map_or("NULL".to_owned(), |label| quote_literal(label));
            let provider = quote_ident(provider);
            statements
                .push(format!("SECURITY LABEL FOR {provider} ON {} IS {label}", object.address));
        }
    }
    for extension in before.extensions.symmetric_difference(&after.extensions) {
        let no = if before.extensions.contains(extension) { "" } else { "NO " };
        let extension = quote_ident(extension);
        statements.push(format!("ALTER {} {no}DEPENDS ON EXTENSION {extension}", object.address));
    }
    Some(statements)
}

/// What `GRANT ... ON` calls an object; a column by its table, and itself in brackets.
fn grant_target(object: &Object) -> Option<(String, Option<String>)> {
    if object.kind == Kind::Column {
        let column = quote_ident(object.bare_name());
        let table = object.name.strip_suffix(&format!(".{column}"))?;
        return Some((format!("TABLE {table}"), Some(format!(" ({column})"))));
    }
    Some((grantee_of(object)?, None))
}

/// `GRANT` and `REVOKE` that turn the privileges `after` into `before`. What a
/// role granted on that does not own the object only that role can give again.
pub(super) fn grants(
    before: &[Grant],
    after: &[Grant],
    owner: Option<&str>,
    columns: Option<&str>,
    on: &str,
    prefix: &str,
) -> Option<Statements> {
    type ByGrantee<'a> = BTreeMap<Option<&'a str>, &'a BTreeMap<Privilege, bool>>;
    let differing = |of: &'_ [Grant], other: &[Grant]| -> Vec<Grant> {
        of.iter().filter(|grant| !other.contains(grant)).cloned().collect()
    };
    let (old, new) = (differing(before, after), differing(after, before));
    let grantors: BTreeSet<_> = old.iter().chain(&new).map(|grant| &grant.grantor).collect();
    let owns = |role: &str| owner.is_none_or(|owner| owner == role);
    if grantors.len() > 1 || !grantors.iter().all(|role| owns(role)) {
        return None;
    }
    let by_grantee = |grants| -> ByGrantee<'_> {
        let grants: &[Grant] = grants;
        grants.iter().map(|g| (g.grantee.as_deref(), &g.privileges)).collect()
    };
    let (old, new) = (by_grantee(&old), by_grantee(&new));
    let none = BTreeMap::new();
    let mut statements = Vec::new();
    for grantee in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (old, new) = (
            old.get(grantee).copied().unwrap_or(&none),
            new.get(grantee).copied().unwrap_or(&none),
        );
        let words = |of: &BTreeMap<Privilege, bool>, wanted: &dyn Fn(Privilege, bool) -> bool| {
            let wanted = of.iter().filter(|(p, grantable)| wanted(**p, **grantable));
            let words: Vec<_> = wanted
                .map(|(p, _)| format!("{}{}", p.as_str(), columns.unwrap_or_default()))
                .collect();
            words.join(", ")
        };
        let role = grantee.map_or("PUBLIC".to_owned(), quote_ident);
        let gone = words(new, &|p, _| !old.contains_key(&p));
        let tied = words(new, &|p, grantable| grantable && old.get(&p) == Some(&false));
        let plain = words(old, &|p, grantable| !grantable && !new.contains_key(&p));
        let free = words(old, &|p, grantable| grantable && new.get(&p) != Some(&true));
        let revoke = format!("{prefix}REVOKE");
        let grant = format!("{prefix}GRANT");
        if !gone.is_empty() {
            statements.push(format!("{revoke} {gone}{on} FROM {role}"));
        }
        if !tied.is_empty() {
            statements.push(format!("{revoke} GRANT OPTION FOR {tied}{on} FROM {role}"));
        }
        if !plain.is_empty() {
            statements.push(format!("{grant} {plain}{on} TO {role}"));
        }
        if !free.is_empty() {
            statements.push(format!("{grant} {free}{on} TO {role} WITH GRANT OPTION"));
        }
    }
    Some(statements)
}

/// What the owner and everyone may do with a new object of this kind.
fn initial(kind: Kind) -> (&'static [Privilege], &'static [Privilege]) {
    match kind {
        Kind::Table | Kind::ForeignTable | Kind::View | Kind::MaterializedView => {
            (&[Insert, Select, Update, Delete, Truncate, References, Trigger], &[])
        }
        Kind::Sequence => (&[Select, Update, Usage], &[]),
        Kind::Function | Kind::Procedure | Kind::Aggregate => (&[Execute], &[Execute]),
        Kind::Type | Kind::Domain | Kind::Language => (&[Usage], &[Usage]),
        Kind::Schema => (&[Usage, Create], &[]),
        Kind::ForeignDataWrapper | Kind::Server => (&[Usage], &[]),
        _ => (&[], &[]),
    }
}

/// The owner of everything in both catalogs, if there is one. The schema `public`
/// does not count: it belongs to whoever owns the database.
pub(super) fn sole_owner<'a>(before: &'a Catalog, after: &'a Catalog) -> Option<&'a str> {
    let owners = |catalog: &'a Catalog| {
        let schemas = catalog.schemas.iter().filter(|schema| schema.name != "public");
        let tables = catalog.tables.iter().map(|item| &item.about);
        let all = schemas.map(|item| &item.about).chain(tables);
        let all = all.chain(catalog.types.iter().map(|item| &item.about));
        let all = all.chain(catalog.views.iter().map(|item| &item.about));
        let all = all.chain(catalog.sequences.iter().map(|item| &item.about));
        let all = all.chain(catalog.routines.iter().map(|item| &item.about));
        let all = all.chain(catalog.others.iter().map(|item| &item.about));
        all.filter_map(|about| about.owner.as_deref())
    };
    let owners: BTreeSet<_> = owners(before).chain(owners(after)).collect();
    owners.first().copied().filter(|_| owners.len() == 1)
}
