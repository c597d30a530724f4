/** libtorch and MKL, through JavaCPP; compiled only with the Maven profile {@code peers}. */
package dev.troupe.bench.peers;
