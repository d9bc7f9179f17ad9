//! The state of a run as 32-bit words, for reading and writing with the same code.
//!
//! Every type with state has one function `visit_state(&mut self, archive: &mut Archive)` that visits each of its
//! numbers: an archive that writes appends them, one that reads overwrites them, so the two directions cannot drift
//! apart. The function begins with `let Self { field, derived: _, … } = self;` **without `..`**: a field added later
//! does not compile until someone has decided whether it is state (visit it) or follows from the state, the options
//! or the next step (`_`). `tests/project.rs` checks that every such function has this form.
//!
//! After its numbers, a type recomputes what follows from them, `if archive.loaded()`.
//!
//! The first error is kept, and nothing changes after it: callers check once, at the end ([`Archive::end`]), and then
//! discard what was read into.

#[cfg(feature = "methods")]
use crate::bytes::Reader;
use crate::bytes::Writer;
use crate::error::Error;
use crate::text::number;

/// A state being written or read.
pub struct Archive<'a> {
    direction: Direction<'a>,
    /// What is being visited, for errors.
    part: String,
    error: Option<Error>,
}

enum Direction<'a> {
    Writing(Writer),
    #[cfg_attr(not(feature = "methods"), allow(dead_code))]
    Reading(ReadFrom<'a>),
}

#[cfg(feature = "methods")]
type ReadFrom<'a> = Reader<'a>;
/// The binary of a first view writes only: with a type that has no value, all that reads is left out of it.
#[cfg(not(feature = "methods"))]
use only_writes::ReadFrom;

#[cfg(not(feature = "methods"))]
#[allow(missing_docs)]
mod only_writes {
    use super::Error;
    use core::marker::PhantomData;

    #[allow(dead_code)]
    pub enum ReadFrom<'a> {
        Never(core::convert::Infallible, PhantomData<&'a ()>),
    }

    impl<'a> ReadFrom<'a> {
        pub fn left(&self) -> usize {
            match self {
                Self::Never(never, _) => match *never {},
            }
        }

        pub fn wrong_in(&self, _: &str, _: &str, _: &str) -> Error {
            match self {
                Self::Never(never, _) => match *never {},
            }
        }

        pub fn word(&mut self) -> Result<u32, Error> {
            match self {
                Self::Never(never, _) => match *never {},
            }
        }

        pub fn take(&mut self, _: usize) -> Result<&'a [u8], Error> {
            match self {
                Self::Never(never, _) => match *never {},
            }
        }
    }
}

impl<'a> Archive<'a> {
    /// An archive that appends each visited value to `writer`.
    pub fn writing(writer: Writer) -> Self {
        Self::new(Direction::Writing(writer))
    }

    /// An archive that overwrites each visited value from `reader`.
    #[cfg(feature = "methods")]
    pub fn reading(reader: Reader<'a>) -> Self {
        Self::new(Direction::Reading(reader))
    }

    fn new(direction: Direction<'a>) -> Self {
        Self {
            direction,
            part: String::new(),
            error: None,
        }
    }

    /// Names what is visited next, for errors.
    #[inline(never)]
    pub fn part(&mut self, name: &str) {
        self.part.clear();
        self.part.push_str(name);
    }

    /// Whether numbers were read, without an error: time to recompute what follows from them.
    pub fn loaded(&self) -> bool {
        matches!(self.direction, Direction::Reading(_)) && self.error.is_none()
    }

    /// What was written; nothing of an archive that reads.
    pub fn written(self) -> Writer {
        match self.direction {
            Direction::Writing(writer) => writer,
            Direction::Reading(_) => Writer::default(),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// The first one, or `Format` where more was there to be read.
    pub fn end(mut self) -> Result<(), Error> {
        let left = self.left();
        self.check(left == 0, "the end of the section", left as f64);
        self.error.map_or(Ok(()), Err)
    }

    /// Notes an error unless `holds`: of what was read last, `got` is not what was `expected`.
    pub fn check(&mut self, holds: bool, expected: &str, got: f64) {
        if !holds {
            self.fail(expected, got);
        }
    }

    #[inline(never)]
    fn fail(&mut self, expected: &str, got: f64) {
        if let (Direction::Reading(reader), None) = (&self.direction, &self.error) {
            self.error = Some(reader.wrong_in(&self.part, expected, &number(got)));
        }
    }

    /// Bytes to come; 0 for an archive that writes.
    fn left(&self) -> usize {
        match &self.direction {
            Direction::Writing(_) => 0,
            Direction::Reading(reader) => reader.left(),
        }
    }

    /// Whether `count` bytes more can be read; an error if not.
    #[inline(never)]
    fn has(&mut self, count: usize) -> bool {
        let left = self.left();
        if left < count {
            self.fail(&(count.to_string() + " bytes more"), left as f64);
        }
        self.loaded()
    }

    /// The word written, or the next one; `value` after an error.
    #[inline(never)]
    fn word(&mut self, value: u32) -> u32 {
        if let Direction::Writing(writer) = &mut self.direction {
            writer.u32(value as usize);
        } else if self.has(4)
            && let Direction::Reading(reader) = &mut self.direction
        {
            return reader.word().unwrap_or(value);
        }
        value
    }

    #[inline(never)]
    fn long(&mut self, value: u64) -> u64 {
        let low = self.word(value as u32);
        let high = self.word((value >> 32) as u32);
        u64::from(high) << 32 | u64::from(low)
    }

    /// Any whole number.
    #[inline(never)]
    pub fn u64(&mut self, value: &mut u64) {
        *value = self.long(*value);
    }

    /// A whole number from `fewest` to `most`.
    #[inline(never)]
    pub fn count(&mut self, value: &mut u32, fewest: u32, most: u32) {
        let read = self.word(*value);
        if (fewest..=most).contains(&read) {
            *value = read;
        } else {
            let range = fewest.to_string() + " to " + &most.to_string();
            self.fail(&range, f64::from(read));
        }
    }

    /// A size up to `most`.
    #[inline(never)]
    pub fn size(&mut self, value: &mut usize, most: usize) {
        let mut word = *value as u32;
        self.count(&mut word, 0, u32::try_from(most).unwrap_or(u32::MAX));
        *value = word as usize;
    }

    /// Yes or no.
    #[inline(never)]
    pub fn flag(&mut self, value: &mut bool) {
        let mut word = u32::from(*value);
        self.count(&mut word, 0, 1);
        *value = word == 1;
    }

    /// Any float: a diverging run holds NaN and infinities, and resumes to them.
    #[inline(never)]
    pub fn f32(&mut self, value: &mut f32) {
        *value = f32::from_bits(self.word(value.to_bits()));
    }

    /// Any float.
    #[inline(never)]
    pub fn f64(&mut self, value: &mut f64) {
        *value = f64::from_bits(self.long(value.to_bits()));
    }

    /// A number that is neither NaN nor infinite.
    #[inline(never)]
    pub fn finite(&mut self, value: &mut f32) {
        self.f32(value);
        self.check(value.is_finite(), "a finite number", f64::from(*value));
    }

    /// A number above 0, which may have grown to infinity, but is not NaN.
    #[inline(never)]
    pub fn positive(&mut self, value: &mut f32) {
        self.f32(value);
        self.check(*value > 0.0, "a number above 0", f64::from(*value));
    }

    /// An accuracy in [0, 1].
    #[inline(never)]
    pub fn accuracy(&mut self, value: &mut f64) {
        self.f64(value);
        self.check((0.0..=1.0).contains(value), "0 to 1", *value);
    }

    /// Any floats, as many as there are.
    #[inline(never)]
    pub fn floats(&mut self, values: &mut [f32]) {
        self.length(values.len());
        if self.error.is_none() {
            values.iter_mut().for_each(|value| self.f32(value));
        }
    }

    /// Whole numbers from `fewest` to `most`, as many as there are.
    #[inline(never)]
    pub fn counts(&mut self, values: &mut [u32], fewest: u32, most: u32) {
        self.length(values.len());
        for value in values {
            self.count(value, fewest, most);
        }
    }

    fn length(&mut self, expected: usize) {
        let mut length = expected as u32;
        self.count(&mut length, expected as u32, expected as u32);
    }

    /// Makes a list as long as the one written, up to `most` items; the items are visited by the caller.
    pub fn resize<T: Clone>(&mut self, list: &mut Vec<T>, most: usize, item: T) {
        let mut length = list.len();
        self.size(&mut length, most);
        // Every item takes a word at least, so no file can cause an allocation larger than itself.
        if self.loaded() && self.has(length.saturating_mul(4)) {
            list.resize(length, item);
        }
    }

    /// Any number of any floats.
    #[inline(never)]
    pub fn list(&mut self, values: &mut Vec<f32>) {
        self.resize(values, usize::MAX, 0.0);
        for value in values {
            self.f32(value);
        }
    }

    /// A text.
    #[inline(never)]
    pub fn text(&mut self, text: &mut String) {
        let mut bytes = core::mem::take(text).into_bytes();
        self.bytes(&mut bytes);
        *text = String::from_utf8_lossy(&bytes).into_owned();
    }

    /// Any number of bytes.
    #[inline(never)]
    pub fn bytes(&mut self, bytes: &mut Vec<u8>) {
        let length = self.word(bytes.len() as u32) as usize;
        if let Direction::Writing(writer) = &mut self.direction {
            writer.put(bytes);
        } else if self.has(length)
            && let Direction::Reading(reader) = &mut self.direction
            && let Ok(read) = reader.take(length)
        {
            *bytes = read.to_vec();
        }
    }

    /// What may be there: `visit` where it is, with `new` made for reading.
    pub fn maybe<T>(
        &mut self,
        value: &mut Option<T>,
        new: impl FnOnce() -> T,
        visit: impl FnOnce(&mut T, &mut Self),
    ) {
        let mut there = value.is_some();
        self.flag(&mut there);
        if self.loaded() {
            *value = there.then(new);
        }
        if let Some(value) = value {
            visit(value, self);
        }
    }
}
