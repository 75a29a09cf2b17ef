//! What a module shows to others: a tree of named parts.

use std::collections::BTreeMap;
use std::rc::Rc;

use aquac_base::Name;

use super::scope::{TypeName, Value};
use crate::graph::ModuleId;

/// Named parts of a module and the modules below it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    pub(crate) values: BTreeMap<Name, Value>,
    pub(crate) types: BTreeMap<Name, TypeName>,
    pub(crate) modules: BTreeMap<Name, Rc<Parts>>,
    /// Whether something of it could not be read: then nothing is missing for sure.
    pub(crate) open: bool,
    /// Where it comes from, for messages and editors.
    pub(crate) module: Option<ModuleId>,
}

/// One entry of a [`Parts`] under one name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Part {
    pub(crate) value: Option<Value>,
    pub(crate) ty: Option<TypeName>,
    pub(crate) module: Option<Rc<Parts>>,
}

impl Part {
    pub(crate) fn is_empty(&self) -> bool {
        self.value.is_none() && self.ty.is_none() && self.module.is_none()
    }
}

impl Parts {
    /// What is under a simple name.
    pub(crate) fn part(&self, name: &str) -> Part {
        let key = Name::new(name);
        Part {
            value: self.values.get(&key).copied(),
            ty: self.types.get(&key).copied(),
            module: self.modules.get(&key).cloned(),
        }
    }

    /// What is under a dotted path, and whether a module on the way is open.
    pub(crate) fn find(&self, path: &str) -> (Part, bool) {
        let Some((first, rest)) = path.split_once('.') else {
            return (self.part(path), self.open);
        };
        self.modules.get(&Name::new(first)).map_or((Part::default(), self.open), |m| m.find(rest))
    }

    /// Adds a part under a dotted path, opening modules on the way.
    pub(crate) fn insert(&mut self, path: &str, part: Part) {
        match path.split_once('.') {
            Some((first, rest)) => self.module_mut(first).insert(rest, part),
            None => {
                let name = Name::new(path);
                if let Some(value) = part.value {
                    self.values.insert(name.clone(), value);
                }
                if let Some(ty) = part.ty {
                    self.types.insert(name.clone(), ty);
                }
                if let Some(module) = part.module {
                    self.merge_module(&name, module);
                }
            }
        }
    }

    /// Adds everything of another tree below a dotted path.
    pub(crate) fn merge_below(&mut self, path: &str, parts: Rc<Parts>) {
        match path.split_once('.') {
            Some((first, rest)) => self.module_mut(first).merge_below(rest, parts),
            None => self.merge_module(&Name::new(path), parts),
        }
    }

    fn merge_module(&mut self, name: &Name, parts: Rc<Parts>) {
        match self.modules.get_mut(name) {
            Some(there) => Rc::make_mut(there).merge(&parts),
            None => {
                self.modules.insert(name.clone(), parts);
            }
        }
    }

    /// Adds everything of another tree; what was there under the same name is replaced.
    pub(crate) fn merge(&mut self, other: &Parts) {
        self.open |= other.open;
        self.module = self.module.or(other.module);
        self.values.extend(other.values.iter().map(|(name, value)| (name.clone(), *value)));
        self.types.extend(other.types.iter().map(|(name, ty)| (name.clone(), *ty)));
        for (name, module) in &other.modules {
            self.merge_module(name, Rc::clone(module));
        }
    }

    fn module_mut(&mut self, name: &str) -> &mut Parts {
        Rc::make_mut(self.modules.entry(Name::new(name)).or_default())
    }

    /// Every simple name, for suggestions.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let modules = self.modules.keys();
        self.values.keys().chain(self.types.keys()).chain(modules).map(Name::as_str)
    }
}
