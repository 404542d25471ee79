use std::sync::Mutex;

/// Things that are dear to make, each used by one thread at a time.
#[derive(Debug)]
pub(crate) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Pool<T> {
    /// Does a job with one of them; makes one when all are in use.
    pub(crate) fn lend<O>(&self, make: impl FnOnce() -> T, job: impl FnOnce(&mut T) -> O) -> O {
        let free = self.0.lock().ok().and_then(|mut free| free.pop());
        let mut lent = free.unwrap_or_else(make);
        let done = job(&mut lent);
        if let Ok(mut free) = self.0.lock() {
            free.push(lent);
        }
        done
    }
}
