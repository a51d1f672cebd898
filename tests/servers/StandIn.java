import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** Speaks MongoDB's wire protocol from memory, on 127.0.0.1 at the port that the first argument names. */
public final class StandIn {
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

    public static void main(String[] arguments) {
        MongoServer server = new MongoServer(new MemoryBackend().version(new Version44()));
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
    }
}
