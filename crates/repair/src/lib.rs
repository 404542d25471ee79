//! Spun text: lexicon, language model, gate, decoder, mining.
