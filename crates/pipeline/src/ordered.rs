//! A parallel map that keeps order, so that the number of threads cannot show.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;

use rayon::prelude::*;

use crate::Error;

/// How much is taken in at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchSize {
    /// Bytes of text in a batch; a single larger item makes a batch of its own.
    pub(crate) bytes: usize,
    /// Items in a batch.
    pub(crate) items: usize,
}

/// Reads `items` on one thread, works on them on the pool, and hands the results to `sink` on
/// another thread, in the order of the items. At most four batches are in memory at a time.
///
/// `size` tells an item's bytes. Stops at the first error of the source or of the sink, or soon
/// after `stop` is set.
pub(crate) fn map_ordered<T: Send, U: Send>(
    pool: &rayon::ThreadPool,
    batch: BatchSize,
    stop: &AtomicBool,
    items: impl Iterator<Item = Result<T, Error>> + Send,
    size: impl Fn(&T) -> usize + Send,
    work: impl Fn(T) -> U + Sync,
    mut sink: impl FnMut(U) -> Result<(), Error> + Send,
) -> Result<(), Error> {
    std::thread::scope(|scope| {
        let (to_work, batches) = sync_channel::<Result<Vec<T>, Error>>(1);
        scope.spawn(move || {
            let mut filling = Vec::new();
            let mut bytes = 0;
            for item in items {
                match item {
                    Ok(item) => {
                        bytes += size(&item);
                        filling.push(item);
                    }
                    Err(error) => {
                        // The other side is gone only if it failed first.
                        let _ = to_work.send(Ok(filling));
                        let _ = to_work.send(Err(error));
                        return;
                    }
                }
                if bytes >= batch.bytes || filling.len() >= batch.items {
                    bytes = 0;
                    if to_work.send(Ok(std::mem::take(&mut filling))).is_err() {
                        return;
                    }
                }
            }
            let _ = to_work.send(Ok(filling));
        });

        let (to_sink, results) = sync_channel::<Vec<U>>(1);
        let writer = scope.spawn(move || {
            for batch in results {
                for result in batch {
                    sink(result)?;
                }
            }
            Ok(())
        });

        let mut outcome = Ok(());
        for batch in batches {
            if stop.load(Ordering::Relaxed) {
                outcome = Err(Error::Interrupted);
                break;
            }
            match batch {
                Ok(batch) => {
                    let done = pool.install(|| batch.into_par_iter().map(&work).collect());
                    if to_sink.send(done).is_err() {
                        break; // the writer's own error follows
                    }
                }
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        drop(to_sink);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        outcome.and(written)
    })
}
