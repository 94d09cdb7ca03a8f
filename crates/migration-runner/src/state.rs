//! What the steps of a runner share, by type.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

use crate::step_error::MissingState;

/// One value of each type.
#[derive(Clone, Default)]
pub(crate) struct States {
    values: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl States {
    /// Takes the place of an earlier value of the same type.
    pub(crate) fn put<T: Any + Send + Sync>(&mut self, value: T) {
        self.values.insert(TypeId::of::<T>(), Arc::new(value));
    }

    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Result<&T, MissingState> {
        let value = self.values.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref());
        value.ok_or(MissingState { type_name: type_name::<T>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_of_each_type() {
        let mut states = States::default();
        assert!(states.get::<u8>().unwrap_err().to_string().contains("`u8`"));
        states.put(1_u8);
        states.put("text");
        states.put(2_u8);
        assert_eq!((states.get(), states.get()), (Ok(&2_u8), Ok(&"text")));
    }
}
