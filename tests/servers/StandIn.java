import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.backend.memory.index.MemoryUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Speaks MongoDB's wire protocol from memory, on 127.0.0.1 at the port that the first argument names.
 *
 * <p>It refuses what MongoDB refuses and the library takes, in MongoDB's words and with its codes.
 */
public final class StandIn {
    private static final int LARGEST_DOCUMENT = 16 * 1024 * 1024;

    /** The oldest that drivers of today talk to; the library itself ends at wire version 8. */
    private static final class Version44 implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(4, 4, 0);
        }

        @Override
        public int getWireVersion() {
            return 9;
        }
    }

    private static final class StrictBackend extends MemoryBackend {
        /** What changes nothing, so that any number of them are answered at once. */
        private static final Set<String> READS =
                Set.of("find", "getmore", "count", "aggregate", "ping", "hello", "ismaster", "listindexes");

        private final FailPoint failPoint = new FailPoint();
        private final ReadWriteLock lock = new ReentrantReadWriteLock();

        @Override
        public MemoryDatabase openOrCreateDatabase(String name) {
            return new StrictDatabase(name);
        }

        @Override
        public Document handleCommand(Channel channel, String database, String command, Document query) {
            if (command.equalsIgnoreCase("configureFailPoint")) {
                return failPoint.configured(query);
            }
            failPoint.check(command, database + "." + query.get(command));
            if (query.get("indexes") instanceof Collection<?> indexes && indexes.isEmpty()) {
                throw new MongoServerError(2, "BadValue", "Must specify at least one index to create");
            }
            // The library answers with the documents that it keeps, and changes them in place: who reads one while it
            // is written would see half of either. MongoDB shows no such thing, so an answer is a copy made meanwhile.
            Lock held = READS.contains(command.toLowerCase(Locale.ROOT)) ? lock.readLock() : lock.writeLock();
            held.lock();
            try {
                return super.handleCommand(channel, database, command, query).cloneDeeply();
            } finally {
                held.unlock();
            }
        }

        private final class StrictDatabase extends MemoryDatabase {
            StrictDatabase(String name) {
                super(name, getCursorRegistry());
            }

            @Override
            protected Index<Integer> openOrCreateUniqueIndex(
                    String collection, String name, List<IndexKey> keys, boolean sparse) {
                return name.equals("_id_")
                        ? new StrictIndex(name, keys, sparse)
                        : super.openOrCreateUniqueIndex(collection, name, keys, sparse);
            }
        }
    }

    /**
     * The index of _id, which every collection has: it is asked before a document is added or changed.
     *
     * <p>It also finds the candidates of a filter that names an id beside other keys, as MongoDB's does; the library's
     * own would read the whole collection for it. What else the filter says is checked of each candidate all the same.
     */
    private static final class StrictIndex extends MemoryUniqueIndex {
        StrictIndex(String name, List<IndexKey> keys, boolean sparse) {
            super(name, keys, sparse);
        }

        @Override
        public boolean canHandle(Document query) {
            return query.containsKey("_id") && super.canHandle(idOf(query));
        }

        @Override
        public Iterable<Integer> getPositions(Document query) {
            return super.getPositions(idOf(query));
        }

        private static Document idOf(Document query) {
            return new Document("_id", query.get("_id"));
        }

        @Override
        public void checkAdd(Document document, MongoCollection<Integer> collection) {
            checkFieldNames(document.get("_id"));
            int size = sizeOf(document);
            if (size > LARGEST_DOCUMENT) {
                String message = "object to insert too large. size in bytes: %d, max size: %d";
                throw new MongoServerError(2, "BadValue", message.formatted(size, LARGEST_DOCUMENT));
            }
            super.checkAdd(document, collection);
        }

        @Override
        public void checkUpdate(Document before, Document after, MongoCollection<Integer> collection) {
            if (sizeOf(after) > LARGEST_DOCUMENT) {
                String message = "Resulting document after update is larger than " + LARGEST_DOCUMENT;
                throw new MongoServerError(17419, "Location17419", message);
            }
            super.checkUpdate(before, after, collection);
        }

        private static void checkFieldNames(Object id) {
            if (id instanceof Document fields) {
                for (String field : fields.keySet()) {
                    if (field.startsWith("$")) {
                        String message = "_id fields may not contain '$'-prefixed fields: %s is not valid for storage.";
                        throw new MongoServerError(52, "DollarPrefixedFieldName", message.formatted(field));
                    }
                    checkFieldNames(fields.get(field));
                }
            }
        }

        private static int sizeOf(Document document) {
            ByteBuf encoded = Unpooled.buffer();
            try {
                BsonEncoder.encodeDocument(document, encoded);
                return encoded.writerIndex();
            } finally {
                encoded.release();
            }
        }
    }

    /** MongoDB's own way for tests to have commands on one collection fail: `failCommand`, a number of times. */
    private static final class FailPoint {
        private int times;
        private Document data = new Document();

        synchronized Document configured(Document query) {
            times = query.get("mode") instanceof Document mode ? ((Number) mode.get("times")).intValue() : 0;
            data = times > 0 ? (Document) query.get("data") : new Document();
            return new Document("ok", 1.0);
        }

        synchronized void check(String command, String namespace) {
            if (times > 0
                    && ((Collection<?>) data.get("failCommands")).contains(command)
                    && namespace.equals(data.get("namespace"))) {
                times--;
                int code = ((Number) data.get("errorCode")).intValue();
                throw new MongoServerError(code, "Location" + code, "Failing command via 'failCommand' failpoint");
            }
        }
    }

    public static void main(String[] arguments) {
        MongoServer server = new MongoServer(new StrictBackend().version(new Version44()));
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
    }
}
