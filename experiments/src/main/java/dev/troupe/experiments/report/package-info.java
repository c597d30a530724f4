/** What a run leaves for its readers: records, tables, figures, event files and a page. */
package dev.troupe.experiments.report;
