//! Whatever can be watched.

use std::sync::Arc;

use crate::Observer;

/// Something that runs and tells observers what happens.
pub trait Observable {
    /// Tells an observer of everything that happens from now on.
    fn add_observer(&mut self, observer: Arc<dyn Observer>);
}

impl<T: Observable + ?Sized> Observable for &mut T {
    fn add_observer(&mut self, observer: Arc<dyn Observer>) {
        (**self).add_observer(observer);
    }
}

/// Has one observer watch several things, of whatever kinds.
///
/// ```
/// use std::sync::Arc;
/// use migration_model::{Event, Observable, Observer, observe};
///
/// #[derive(Default)]
/// struct Runner(Vec<Arc<dyn Observer>>);
///
/// impl Observable for Runner {
///     fn add_observer(&mut self, observer: Arc<dyn Observer>) {
///         self.0.push(observer);
///     }
/// }
///
/// let (mut one, mut other) = (Runner::default(), Runner::default());
/// let watcher = Arc::new(|_: &Event<'_>| println!("something happens"));
/// observe(&watcher, [&mut one, &mut other]);
/// assert_eq!((one.0.len(), other.0.len()), (1, 1));
/// ```
pub fn observe<O: Observer + 'static, const N: usize>(observer: &Arc<O>, all: [&mut dyn Observable; N]) {
    for one in all {
        one.add_observer(Arc::<O>::clone(observer));
    }
}
