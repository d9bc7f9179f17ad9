//! Imported networks in whole runs: fitted to data, quantized, put on packed integers.
