/** What samples are worth: scores of generated points. */
package dev.troupe.gan.metrics;
