/** The same works under JMH, one class for each kind; {@code -p peer=…} chooses who does them. */
package dev.troupe.bench.jmh;
