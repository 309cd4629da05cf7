//! What any object has besides its definition: an owner, privileges, remarks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use super::name::{quote_ident, split_ident};
use crate::error::{Error, Result};

/// What is said about an object from outside its definition.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The role that owns it; `None` for parts, such as columns, and for kinds without owners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The privileges in effect, whether granted or there by default. For a
    /// column, those granted on it beyond its table's.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub privileges: Vec<Grant>,
    /// The text of `COMMENT ON`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Security labels by provider.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Extensions whose dropping takes the object with it (`DEPENDS ON EXTENSION`).
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub extensions: BTreeSet<String>,
}

impl About {
    /// The same after `ALTER ... OWNER TO owner`: the new owner takes over what
    /// the old one could do and had granted.
    pub(super) fn handed_over(&self, owner: Option<&str>) -> Self {
        let (Some(old), Some(new)) = (self.owner.as_deref(), owner) else { return self.clone() };
        let renamed = |role: &str| if role == old { new } else { role }.to_owned();
        let mut merged: BTreeMap<_, BTreeMap<_, bool>> = BTreeMap::new();
        for grant in &self.privileges {
            let roles = (grant.grantee.as_deref().map(renamed), renamed(&grant.grantor));
            let privileges = merged.entry(roles).or_default();
            for (&privilege, &grantable) in &grant.privileges {
                *privileges.entry(privilege).or_default() |= grantable;
            }
        }
        let grants = merged.into_iter().map(|((grantee, grantor), privileges)| Grant {
            grantee,
            grantor,
            privileges,
        });
        Self { owner: Some(new.to_owned()), privileges: grants.collect(), ..self.clone() }
    }
}

/// What one role may do, by the word of another. Its text is Postgres's own for
/// an `aclitem`: `alice=r*w/postgres`, and `=r/postgres` for everyone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Grant {
    /// The role that may; `None` is `PUBLIC`.
    pub grantee: Option<String>,
    /// The role that allowed it.
    pub grantor: String,
    /// What it may do, and whether it may pass that on.
    pub privileges: BTreeMap<Privilege, bool>,
}

/// Something that a role may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privilege {
    Insert,
    Select,
    Update,
    Delete,
    Truncate,
    References,
    Trigger,
    Execute,
    Usage,
    Create,
    Temporary,
    Connect,
    Set,
    AlterSystem,
    Maintain,
}

impl Privilege {
    const ALL: [(Self, char, &str); 15] = [
        (Self::Insert, 'a', "INSERT"),
        (Self::Select, 'r', "SELECT"),
        (Self::Update, 'w', "UPDATE"),
        (Self::Delete, 'd', "DELETE"),
        (Self::Truncate, 'D', "TRUNCATE"),
        (Self::References, 'x', "REFERENCES"),
        (Self::Trigger, 't', "TRIGGER"),
        (Self::Execute, 'X', "EXECUTE"),
        (Self::Usage, 'U', "USAGE"),
        (Self::Create, 'C', "CREATE"),
        (Self::Temporary, 'T', "TEMPORARY"),
        (Self::Connect, 'c', "CONNECT"),
        (Self::Set, 's', "SET"),
        (Self::AlterSystem, 'A', "ALTER SYSTEM"),
        (Self::Maintain, 'm', "MAINTAIN"),
    ];

    /// The word for it in `GRANT`.
    pub fn as_str(self) -> &'static str {
        Self::ALL[self as usize].2
    }

    fn from_char(c: char) -> Option<Self> {
        Self::ALL.into_iter().find(|&(_, letter, _)| letter == c).map(|(privilege, ..)| privilege)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(grantee) = &self.grantee {
            f.write_str(&quote_ident(grantee))?;
        }
        f.write_char('=')?;
        for (&privilege, &grantable) in &self.privileges {
            f.write_char(Privilege::ALL[privilege as usize].1)?;
            if grantable {
                f.write_char('*')?;
            }
        }
        write!(f, "/{}", quote_ident(&self.grantor))
    }
}

impl FromStr for Grant {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::new(format!("`{text}` is not a privilege that this version knows"));
        let (grantee, rest) = match text.strip_prefix('=') {
            Some(rest) => (None, rest),
            None => {
                let (grantee, rest) = split_ident(text).ok_or_else(wrong)?;
                (Some(grantee), rest.strip_prefix('=').ok_or_else(wrong)?)
            }
        };
        let (letters, grantor) = rest.split_once('/').ok_or_else(wrong)?;
        let mut privileges = BTreeMap::new();
        let mut letters = letters.chars().peekable();
        while let Some(letter) = letters.next() {
            let privilege = Privilege::from_char(letter).ok_or_else(wrong)?;
            privileges.insert(privilege, letters.next_if_eq(&'*').is_some());
        }
        match split_ident(grantor) {
            Some((grantor, "")) => Ok(Self { grantee, grantor, privileges }),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Grant {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Grant> for String {
    fn from(grant: Grant) -> Self {
        grant.to_string()
    }
}

/// Reads an array whose order means nothing: sorted, and empty for `null`.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Ord,
{
    let mut items = Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default();
    items.sort();
    Ok(items)
}

/// Reads a value that is its default where the server says `null`.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads the options of a foreign object, with those that may hold a secret masked.
pub(super) fn masked<'de, D>(deserializer: D) -> Result<Vec<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let mut options: Vec<String> = list(deserializer)?;
    for option in &mut options {
        let name = option.split('=').next().unwrap_or_default();
        let lower = name.to_lowercase();
        if SECRETS.iter().any(|word| lower.contains(word)) {
            *option = format!("{name}={MASK}");
        }
    }
    Ok(options)
}

/// Stands for a secret that was left out.
pub(super) const MASK: &str = "***";

/// Words in the name of an option whose value is nobody's business.
const SECRETS: [&str; 6] = ["password", "passwd", "passcode", "secret", "token", "credential"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_read_back_as_written() {
        for text in ["alice=r*w/postgres", "=U/postgres", "\"A \"\"b\"\"\"=arwdDxt/\"x y\"", "a=/b"]
        {
            assert_eq!(text.parse::<Grant>().unwrap().to_string(), text);
        }
        assert!("alice=?/postgres".parse::<Grant>().is_err());
    }

    #[test]
    fn every_privilege_has_its_own_letter_and_place() {
        for (i, (privilege, letter, _)) in Privilege::ALL.into_iter().enumerate() {
            assert_eq!(privilege as usize, i);
            assert_eq!(Privilege::from_char(letter), Some(privilege));
        }
    }
}
